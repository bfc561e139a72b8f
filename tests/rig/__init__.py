"""What tests stand on: a private PostgreSQL and RabbitMQ a run, keys, clients, waiting."""
