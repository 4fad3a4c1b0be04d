"""The gate of the chain that a freeze closes, and break-glass opens for one release."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from environments.freeze_words import blocked
from environments.freezing import FreezeVerdict
from gitopshq.core.instants import rfc3339
from releases import errors
from releases.models import BreakGlass
from releases.questions import Gate, Question, Verdict

_NAME: Final = "freeze"
_TITLE: Final = "Freeze"


def freeze_gate(question: Question) -> Gate:
    """Say whether the target is frozen for this release, why, and until when."""
    freeze = question.freeze
    if not freeze.is_frozen:
        return Gate(_NAME, _TITLE, Verdict.PASS, "not frozen", freeze.next_change)
    until = rfc3339(freeze.until) if freeze.until else None
    said = blocked(freeze, question.release.target.environment.slug)
    details = {"name": freeze.name, "reason": freeze.reason, "until": until}
    if question.glass is not None:
        return _set_aside(freeze, question.glass, details)
    refusal = errors.EnvironmentFrozen(details=details, sentence=said)
    return Gate(_NAME, _TITLE, Verdict.WAIT, said, freeze.until, details, refusal)


def _set_aside(freeze: FreezeVerdict, row: BreakGlass, details: dict[str, Any]) -> Gate:
    """Return the gate as open, with who opened it as the evidence."""
    expires_at = _kept(row.expires_at)
    confirmed_by = _kept(row.confirmed_by)
    said = (
        f"frozen by “{freeze.reason}”; set aside by {row.asked_by.label} and "
        f"{confirmed_by.label} until {rfc3339(expires_at)}: {row.reason}"
    )
    evidence = {
        "reason": row.reason,
        "askedBy": row.asked_by.username,
        "askedAt": rfc3339(row.asked_at),
        "confirmedBy": confirmed_by.username,
        "confirmedAt": rfc3339(_kept(row.confirmed_at)),
        "expiresAt": rfc3339(expires_at),
    }
    changes: list[datetime] = [expires_at]
    if freeze.until is not None:
        changes.append(freeze.until)
    details = {**details, "breakGlass": evidence}
    return Gate(_NAME, _TITLE, Verdict.PASS, said, min(changes), details)


def set_aside_in(gates: Iterable[Gate]) -> dict[str, Any]:
    """Return what the trail keeps of *gates* if a freeze was set aside; else {}."""
    found = (gate.details.get("breakGlass") for gate in gates if gate.name == _NAME)
    evidence = next(found, None)
    return {"breakGlass": evidence} if evidence else {}


def _kept(value: Any) -> Any:
    assert value is not None, "the database keeps the three together"
    return value
