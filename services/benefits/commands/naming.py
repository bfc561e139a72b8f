"""How a provider hears of a person: by a name only it and we know."""

from collections.abc import Callable
from uuid import UUID


def provider_refs(tag: Callable[[str], bytes]) -> Callable[[UUID, UUID], str]:
    """The name of a person for one provider; another provider hears another one."""

    def of(provider_id: UUID, person_id: UUID) -> str:
        # Twenty digits: shorter runs could pass for a number of twelve that is refused at every input.
        return f"R-{tag(f'resident/{provider_id}/{person_id}').hex()[:20]}"

    return of
