"""identity: who may come in.

Owns   account requests and the eight steps, provisional accounts and their promotion, members and roles,
       sessions, second factors, machine clients.
Says   ``identity.account.*``, ``identity.session.*``, ``identity.client.*``.
Hears  ``registry.organisation`` (how the registration stands), ``notifications.letter`` (account mails that
       could not be delivered).
"""
