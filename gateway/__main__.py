"""The gateway, started: one process that watches, and those that answer."""

from chassis import logs
from gateway.edge.watch import watch
from gateway.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    logs.configure("gateway", settings.log_level, settings.log_format)
    watch(settings)
