"""What the secretariat publishes: notices, documents in versions, materials and their files.

Owns: notices with their editions and when each stands on the site, documents with versions and who accepted which,
materials, files (their contents lie in an object store).
Says: ``content.notice``, ``content.document``.
Acts on: ``scheduling.maintenance`` (a window is its notice), ``registry.organisation`` (which guideline was
accepted), ``identity.session`` and ``identity.client`` (whose token ended).
"""
