"""Every page, one module for each area; the order of this list is nobody's business."""

from gateway.portal.pages import (
    accounts,
    clients,
    documents,
    entries,
    home,
    issued,
    letters,
    lists,
    members,
    participation,
    sessions,
    signin,
    standing,
)
from gateway.portal.routes import Page

ALL: tuple[Page, ...] = tuple(
    page
    for module in (
        accounts,
        clients,
        documents,
        entries,
        home,
        issued,
        letters,
        lists,
        members,
        participation,
        sessions,
        signin,
        standing,
    )
    for page in module.pages.found
)
