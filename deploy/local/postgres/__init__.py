"""A private PostgreSQL: found on the machine or in the virtual environment."""

from deploy.local.postgres.server import FORGETFUL, PostgreSQL, clone, drop

__all__ = ["FORGETFUL", "PostgreSQL", "clone", "drop"]
