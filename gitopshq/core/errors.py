"""What the domain says when it refuses.

An anticipated refusal is a ``DomainError``. Each app declares its own in ``errors.py``;
each belongs to one of the families below. Which family is which status code is known
to ``gitopshq.core.http`` alone. Codes and texts are those of the wire contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with what was sent.

    ``pointer`` is a JSON Pointer into the body; ``file`` and ``line`` (1-based) name
    the place inside a text where there is one.
    """

    pointer: str
    code: str
    detail: str
    file: str = ""
    line: int | None = None


class DomainError(Exception):
    """An anticipated refusal, worded for the person who asked.

    Keyword arguments fill the message and are the error's facts; ``details`` and
    ``errors`` are machine-readable extras. ``sentence`` tells people all of it where
    the contract fixes the message.
    """

    code: ClassVar[str]
    message: ClassVar[str]

    def __init__(
        self,
        *,
        details: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
        sentence: str = "",
        **facts: str | int | None,
    ) -> None:
        self.facts = facts
        self.details = dict(details or {})
        self.errors = tuple(errors)
        self.sentence = sentence
        super().__init__(self.message.format(**facts))


def in_full(error: DomainError) -> str:
    """Return what *error* says, in the whole sentence where its detail is fixed."""
    return error.sentence or str(error)


class InvalidState(DomainError):
    """The object's status does not allow this step."""

    code = "invalid_transition"
    message = "{noun} cannot be {participle} in its current status"


class NotPermitted(DomainError):
    """This person may not do this here."""

    code = "permission_denied"
    message = "this needs the permission {permission}"


class NotFound(DomainError):
    """Not there, or not for your eyes."""

    code = "not_found"
    message = "not found"


class Conflict(DomainError):
    """Something changed, or is still missing, since this was prepared."""


class PreconditionFailed(DomainError):
    """The object is no longer the version the caller meant to change."""

    code = "version_mismatch"
    message = "the object has changed since it was read"


class TooLarge(DomainError):
    """What was sent passes a limit on size."""

    code = "too_large"
    message = "{what} is larger than {limit}"


class Unprocessable(DomainError):
    """The content is well formed but cannot be accepted, rendered or resolved."""


class ValidationError(Unprocessable):
    """Fields of the body are wrong; ``errors`` says which and why."""

    code = "validation_error"
    message = "{summary}"

    @classmethod
    def of(
        cls, pointer: str, detail: str, *, code: str = "invalid"
    ) -> "ValidationError":
        """Return the refusal of one field."""
        return cls(summary=detail, errors=[FieldError(pointer, code, detail)])


class Locked(DomainError):
    """The target accepts no change for now."""


class ConcurrentUpdate(Conflict):
    """Somebody else changed this at the same time."""

    code = "concurrent_update"
    message = "{what} was changed by somebody else at the same time"


class ReasonRequired(InvalidState):
    """A step that needs a reason was asked for without one."""

    code = "reason_required"
    message = "a reason is required"
