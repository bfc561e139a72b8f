"""Letters: who can be written to, what was written, and how each mail fared.

owns      letters, the letter box, mails and their fate, addresses of members and of residents who gave one
says      notifications.letter.sent.v1, notifications.letter.bounced.v1
listens   identity.account, identity.session, identity.client, identity.resident, registry.organisation,
          registry.measure, registry.payment_service, benefits.application, benefits.entitlement, benefits.allocation
"""
