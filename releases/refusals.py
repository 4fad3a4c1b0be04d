"""From a rendering that is not ready to the refusal that a release gives."""

from delivery.models import Rendering, RenderingState
from gitopshq.core.errors import DomainError, FieldError
from releases import errors

SHOWN = 3


def rendering_refusal(rendering: Rendering) -> DomainError | None:
    """Return why nothing can be done with *rendering* yet, or None when it is ready.

    Every error found is in ``errors``, with file and line.
    """
    if rendering.state == RenderingState.READY:
        return None
    if rendering.state == RenderingState.PENDING:
        return errors.RenderingNotReady()
    found = rendering.errors
    fields = [
        FieldError(
            pointer="",
            code=str(error.get("code", "template_error")),
            detail=str(error.get("message", "")),
            file=str(error.get("file") or ""),
            line=error.get("line"),
        )
        for error in found
    ]
    codes = {error.get("code") for error in found}
    if codes == {errors.VariableUnresolved.code}:
        names = sorted({str(error.get("variable") or "") for error in found})
        return errors.VariableUnresolved(names=", ".join(names), errors=fields)
    first = "; ".join(_place(field) for field in fields[:SHOWN])
    more = f" and {len(fields) - SHOWN} more" if len(fields) > SHOWN else ""
    return errors.RenderingFailed(summary=first + more, errors=fields)


def _place(field: FieldError) -> str:
    where = f"{field.file}:{field.line}: " if field.line else f"{field.file}: "
    return f"{where if field.file else ''}{field.detail}"
