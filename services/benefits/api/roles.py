"""Who of a municipality may do what."""

from contracts.principal import Role
from contracts.values import OrganisationKind

MUNICIPALITY = {OrganisationKind.MUNICIPALITY}
#: Who looks at applications and proposes.
REVIEWERS = frozenset({Role.ADMIN, Role.REVIEWER, Role.APPROVER})
#: Who approves what another proposed.
APPROVERS = frozenset({Role.ADMIN, Role.APPROVER})
#: Who runs an occasion.
STAFF = frozenset({Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.APPROVER})
