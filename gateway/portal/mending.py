"""What a service refused, noted in the form it came from, so that people can mend it."""

from collections.abc import Mapping

from gateway.portal.asking import Reply
from gateway.portal.forms import Form
from gateway.portal.visit import Answered

_CONFLICT, _STALE, _INVALID = 409, 412, 422


def mend(
    form: Form, reply: Reply, names: Mapping[str, str] | None = None, *, whole: bool = False
) -> None:
    """Note what was said about the fields; of a conflict the sentence alone, where it speaks of the ``whole``."""
    if reply.status not in (_CONFLICT, _STALE, _INVALID):
        raise Answered(reply)
    problem = reply.json()
    if whole and reply.status == _CONFLICT:
        problem = {"detail": problem["detail"]}
    form.take(problem, names)
