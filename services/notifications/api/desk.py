"""What routes need besides the database: where letters are written, and that a resident is at home."""

from aiohttp import web

from chassis.refusal import Forbidden
from chassis.web import Ask
from services.notifications.commands.letters import Desk

DESK = web.AppKey("desk", Desk)
#: Letters one organisation may have written by mailings in a day.
LETTERS_A_DAY = web.AppKey("letters_a_day", int)


def at_home(ask: Ask) -> None:
    """Refuse where somebody else may look at the screen: at an assisted desk."""
    if ask.principal.desk_id is not None:
        raise Forbidden(
            "home-only", "メッセージと設定は、ご自宅でカードを使ってログインすると開けます。"
        )
