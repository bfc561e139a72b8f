"""What is different between two applications, field by field, in the form's own order."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel


class Difference(BaseModel):
    """A field whose value is another now; None where there was or is nothing."""

    field: str
    before: str | None
    after: str | None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every field that differs; payment services are matched by their code, not their place."""
    old, new = dict(_flat("", before)), dict(_flat("", after))
    fields = list(dict.fromkeys([*new, *old]))
    return [
        Difference(field=f, before=old.get(f), after=new.get(f))
        for f in fields
        if old.get(f) != new.get(f)
    ]


def _flat(path: str, value: Any) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list | tuple):
        if value and all(isinstance(v, Mapping) and "code" in v for v in value):
            for inner in value:
                yield from _flat(f"{path}.{inner['code']}", inner)
        else:
            yield path, "、".join(str(v) for v in value) or None
    else:
        yield path, None if value in (None, "") else str(value)
