"""The portal: pages a person reads, made on the server from what the services answer.

Pages know no rule of the domain: a service decides, a page shows what it said. Everything a page asks goes
through `asking.Services`, with the visitor's own token.
"""
