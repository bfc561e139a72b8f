"""Who plans and who takes part."""

from contracts.principal import Role
from contracts.values import OrganisationKind

SECRETARIAT = frozenset({OrganisationKind.SECRETARIAT})
EDITORS = frozenset({Role.ADMIN, Role.EDITOR})
