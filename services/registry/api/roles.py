"""Who of the secretariat may decide."""

from contracts.principal import Role

REVIEWERS = frozenset({Role.ADMIN, Role.REVIEWER, Role.APPROVER})
