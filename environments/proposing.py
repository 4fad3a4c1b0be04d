"""What a variable would be after an edit, by the rules for values; nothing is saved."""

from typing import Final

from environments import checks, secrets, sourcing
from environments.desired.state import VariableState
from environments.models import Variable
from gitopshq.core.errors import ValidationError

SHORTEST_SECRET: Final = 8


def value_to_save(
    row: Variable, *, value: str | None, secret: bool | None
) -> tuple[str | None, bool]:
    """Return the value that *row* is to get, and whether it is a secret.

    What is None stays as it is; a new row needs a value. A secret that stays is None.

    :raises ValidationError: for a key or value that breaks a rule, a secret that is
        short, or a secret that would become plain without a new value
    """
    is_new = row.pk is None
    if is_new:
        checks.check_key(row.key)
    is_secret = row.is_secret if secret is None else secret
    given = value if value is not None else _kept(row, is_secret=is_secret)
    if given is None:
        return None, is_secret
    checks.checked_value(given, key=row.key)
    if is_secret and len(given) < SHORTEST_SECRET:
        detail = f"a secret has at least {SHORTEST_SECRET} characters"
        raise ValidationError.of("/value", detail, code="too_short")
    return given, is_secret


def proposed(row: Variable, *, value: str | None, secret: bool | None) -> VariableState:
    """Return *row* as a State would hold it after the edit.

    :raises ValidationError: as ``value_to_save``
    """
    given, is_secret = value_to_save(row, value=value, secret=secret)
    if given is None:
        return sourcing.variable_state(row)
    return VariableState(
        scope=str(row.scope),
        key=row.key,
        service=row.workload.name if row.workload else None,
        value=None if is_secret else given,
        secret=is_secret,
        fingerprint=secrets.fingerprint_of(given) if is_secret else None,
    )


def _kept(row: Variable, *, is_secret: bool) -> str | None:
    """Return the plain value that stays, or None where a secret stays as it is."""
    if row.pk is None:
        raise ValidationError.of("/value", "a value is needed", code="required")
    if row.is_secret and is_secret:
        return None
    if row.is_secret:
        detail = "a secret that becomes plain needs a new value"
        raise ValidationError.of("/value", detail, code="required")
    return row.value
