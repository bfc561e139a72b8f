"""Every page, one module for each area; the order of this list is nobody's business."""

from gateway.portal.pages import (
    accounts,
    clients,
    deliveries,
    desk,
    documents,
    entries,
    home,
    issued,
    letters,
    lists,
    members,
    ops,
    organisation,
    papers,
    participation,
    provisional,
    registration,
    review,
    secretariat,
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
        deliveries,
        desk,
        documents,
        entries,
        home,
        issued,
        letters,
        lists,
        members,
        ops,
        organisation,
        papers,
        participation,
        provisional,
        registration,
        review,
        secretariat,
        sessions,
        signin,
        standing,
    )
    for page in module.pages.found
)
