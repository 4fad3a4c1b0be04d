"""Why desired state refuses an edit."""

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
    where = f"{file}:{line}" if line else file
    error = FieldError(pointer, "invalid_text", reason, file=file, line=line)
    return ValidationError(summary=f"{where}: {reason}", errors=[error])
