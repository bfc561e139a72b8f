"""For those who build and run the portal: every component with its states."""

from datetime import timedelta

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages()


@pages.get("/ops/parts")
async def parts(visit: Visit) -> web.StreamResponse:
    """All components on one page."""
    form = Form.of(
        {
            "a_text": "小マツシ",
            "a_radio": "b",
            "a_day_era": "令和",
            "a_day_y": "6",
            "a_day_m": "9",
            "a_day_d": "25",
        }
    )
    form.wrong("a_text", "フリガナは、全角カタカナで入れてください")
    form.wrong("a_day", "議決日は、提出日より前の日を入れてください")
    form.parts.add("a_day_y")
    day = visit.at - timedelta(days=1)
    line = [
        {
            "family": f,
            "title": t,
            "at": day.isoformat(),
            "at_words": "11月28日 16:12",
            "text": "説明",
        }
        for f, t in (
            ("key", "本人がしたこと"),
            ("ok", "うまくいったこと"),
            ("act", "待っていること"),
            ("", "そのほか"),
        )
    ]
    return visit.page("ops/parts.html", "部品の見本", form=form, line=line)
