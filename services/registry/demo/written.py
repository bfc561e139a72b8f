"""What stands in the demo's files."""

import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]
_HERE = Path(__file__).parent

REGISTER: dict[str, Any] = json.loads((_HERE / "register.json").read_text(encoding="utf-8"))
MEASURES: list[Row] = json.loads((_HERE / "measures.json").read_text(encoding="utf-8"))
#: The provider's number of each payment service.
OFFERED_BY: dict[str, str] = {
    service["code"]: row["number"] for row in REGISTER["providers"] for service in row["services"]
}
