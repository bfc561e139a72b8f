"""The register of municipalities and payment providers.

Owns: registrations and their review, payment services, yearly participation, the public lists as of a
day and as known at an instant, the public change feed.
Says: ``registry.organisation``, ``registry.payment_service``, ``registry.participation``.
Acts on: ``identity.account`` (who may register), ``identity.session`` and ``identity.client`` (whose token ended).
"""
