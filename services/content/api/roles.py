"""Who of the secretariat may write, and who reads as a member."""

from contracts.principal import Role
from contracts.values import OrganisationKind

SECRETARIAT = frozenset({OrganisationKind.SECRETARIAT})
WRITERS = frozenset({Role.ADMIN, Role.EDITOR})
#: Organisations that may be bound by a document, and who of them can agree to it.
PARTIES = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER})
AGREEING = frozenset({Role.ADMIN, Role.EDITOR, Role.APPROVER})
