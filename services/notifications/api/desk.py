"""What routes need besides the database: where letters are written."""

from aiohttp import web

from services.notifications.commands.letters import Desk

DESK = web.AppKey("desk", Desk)
