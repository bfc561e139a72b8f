"""What benefits says of links (紐づけ): accounts of payment services, each tied to one resident."""

from typing import ClassVar
from uuid import UUID

from contracts.event import Fact


class ServiceLinkFact(Fact):
    """A fact about one link; the account itself is never told."""

    service_link_id: UUID
    resident_id: UUID
    payment_service_id: UUID
    payment_service_code: str
    provider_id: UUID


class ServiceLinkStopped(ServiceLinkFact):
    """Nothing is sent there from now on; what was not sent yet waits."""

    type: ClassVar[str] = "benefits.service_link.stopped.v1"
    #: ``lost``, ``closed``, ``deceased``, ``fraud`` or ``mislink``.
    reason: str
    case_id: UUID
    #: How many orders wait because of it.
    held: int


class ServiceLinkResumed(ServiceLinkFact):
    """Two people lifted the stop; what waited goes on."""

    type: ClassVar[str] = "benefits.service_link.resumed.v1"
    held: int
