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
    measure,
    measure_checks,
    members,
    ops,
    organisation,
    papers,
    participation,
    provisional,
    registration,
    review,
    search,
    secretariat,
    sessions,
    signin,
    standing,
)
from gateway.portal.pages.own_measures import acts, approval, handing, imports, own, writing
from gateway.portal.routes import Page

ALL: tuple[Page, ...] = tuple(
    page
    for module in (
        accounts,
        acts,
        approval,
        clients,
        deliveries,
        desk,
        documents,
        entries,
        handing,
        home,
        imports,
        issued,
        letters,
        lists,
        measure,
        measure_checks,
        members,
        ops,
        organisation,
        own,
        papers,
        participation,
        provisional,
        registration,
        review,
        search,
        secretariat,
        sessions,
        signin,
        standing,
        writing,
    )
    for page in module.pages.found
)
