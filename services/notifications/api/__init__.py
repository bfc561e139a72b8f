"""What comes in over HTTP: the letter box of a member, and the secretariat's view of mails."""

from services.notifications.api import box, secretariat

routes = [*box.routes, *secretariat.routes]
