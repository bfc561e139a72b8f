"""RabbitMQ: connections, topology, a publisher and a consumer. It carries; the databases remember."""

from chassis.broker.connection import connect, loud
from chassis.broker.consumer import Consumer
from chassis.broker.publisher import BatchPublisher, PlainPublisher, Publisher
from chassis.broker.topology import TopologyMissing, declare, definitions, queue_arguments

__all__ = [
    "BatchPublisher",
    "Consumer",
    "PlainPublisher",
    "Publisher",
    "TopologyMissing",
    "connect",
    "declare",
    "definitions",
    "loud",
    "queue_arguments",
]
