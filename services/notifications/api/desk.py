"""What routes need besides the database: where letters are written."""

from aiohttp import web

from services.notifications.commands.letters import Desk

DESK = web.AppKey("desk", Desk)
#: Letters one organisation may have written by mailings in a day.
LETTERS_A_DAY = web.AppKey("letters_a_day", int)
