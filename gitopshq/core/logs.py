"""Log lines as JSON, each with the id of the request it belongs to."""

from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def add_request_id(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Add ``request_id``, and drop what Django hangs on its records."""
    # Imported here: logging is set up before the models are.
    from gitopshq.core import audit  # noqa: PLC0415

    # The request itself holds cookies and bodies, which no log may.
    event.pop("request", None)
    if chosen := audit.request_id.get():
        event["request_id"] = chosen
    return event


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's ``LOGGING``: everything from *level* on, to stderr, as JSON."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*_SHARED, add_request_id],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "json"}
        },
        "root": {"handlers": ["console"], "level": level},
        # Django's own handlers would write every line twice, once as plain text.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # A refusal is a line of gitopshq.requests already.
            "django.request": {"level": "ERROR"},
        },
    }
