"""One module a row; each has ``async def measure(rounds: int) -> Row``."""
