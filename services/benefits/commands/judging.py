"""An application is judged again: by the rules it was made under, from what lay there at an instant."""

from datetime import datetime

from chassis.clock import day_of
from chassis.database import Connection
from services.benefits.model.application import Application
from services.benefits.model.eligibility import Verdict, judge
from services.benefits.store import applicants, attendance, evidence, measures


async def judged(conn: Connection, application: Application, at: datetime) -> Verdict:
    """What the rules say of an application, from what lay there at ``at``; the same whenever it is asked."""
    entry = await measures.version_of(conn, application.measure_id, application.version)
    claim = await applicants.claim(
        conn,
        application.id,
        evidence=await evidence.codes_by(conn, application.id, at),
        attended=await attendance.attended_by(conn, application.id, at),
    )
    return judge(entry, claim, day_of(application.submitted_at))
