"""What the registry does by itself as time passes."""

from services.registry.jobs.cover import CoverKeeper
from services.registry.jobs.documents import inspect_documents
from services.registry.jobs.finding import keep_finding
from services.registry.jobs.imports import Importer
from services.registry.jobs.matches import MatchKeeper
from services.registry.jobs.measures import DueMeasures
from services.registry.jobs.signing import SigningClerk

__all__ = [
    "CoverKeeper",
    "DueMeasures",
    "Importer",
    "MatchKeeper",
    "SigningClerk",
    "inspect_documents",
    "keep_finding",
]
