"""Fills an empty register."""

from chassis.database import Pool
from services.registry.model.checking import Guidelines


async def fill(pool: Pool, guidelines: Guidelines) -> str:
    """Fill the register; what is there already stays as it is."""
    return "nothing yet"
