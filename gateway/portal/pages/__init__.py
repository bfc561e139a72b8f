"""Every page, one module for each area; the order of this list is nobody's business."""

from gateway.portal.pages import (
    accounts,
    documents,
    home,
    issued,
    signin,
    standing,
)
from gateway.portal.routes import Page

ALL: tuple[Page, ...] = tuple(
    page
    for module in (
        accounts,
        documents,
        home,
        issued,
        signin,
        standing,
    )
    for page in module.pages.found
)
