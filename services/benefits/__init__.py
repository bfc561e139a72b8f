"""What residents apply for and receive: applications, their review, entitlements, and the ledger of points.

Owns: what it keeps of measures, applications with evidence and decisions, attendance codes, entitlements, the
double-entry ledger.
Says: ``benefits.application``, ``benefits.entitlement``.
Acts on: ``identity.session`` and ``identity.client`` (whose token ended), ``registry.measure`` and
``registry.target_list`` (who may receive how much).
"""
