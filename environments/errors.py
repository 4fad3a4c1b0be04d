"""Why desired state refuses an edit."""

from collections.abc import Iterable

from gitopshq.core.errors import Conflict, FieldError, InvalidState, ValidationError


class ChartVersionExists(Conflict):
    code = "chart_version_exists"
    message = "chart {name} {version} exists with other content"


class InUse(Conflict):
    code = "in_use"
    message = "{what} is in use: {reason}"


class Archived(InvalidState):
    message = "{noun} is archived"


def refused_text(
    pointer: str, reason: str, *, file: str, line: int | None
) -> ValidationError:
    """Return the refusal of a text, naming the place of the fault inside it."""
    return refused_texts([FieldError(pointer, "invalid_text", reason, file, line)])


def refused_texts(found: Iterable[FieldError]) -> ValidationError:
    """Return the refusal of texts for all that was found, the first in words."""
    faults = list(found)
    first = faults[0]
    where = f"{first.file}:{first.line}" if first.line else first.file
    return ValidationError(summary=f"{where}: {first.detail}", errors=faults)
