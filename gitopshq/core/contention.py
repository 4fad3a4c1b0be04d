"""Races the database settles: which errors mean one, and trying again after them."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError

ResultT = TypeVar("ResultT")

_PAUSES: Final = (0.05, 0.2)
"""Seconds before the second and the third try."""

# serialization_failure, deadlock_detected, lock_not_available
_LOST_STATES: Final = frozenset({"40001", "40P01", "55P03"})
_UNIQUE_VIOLATION: Final = "23505"


def is_contention(error: BaseException) -> bool:
    """Say whether the transaction lost a race and may be tried again as a whole."""
    if not isinstance(error, OperationalError):
        return False
    return _state_of(error) in _LOST_STATES or "is locked" in str(error)


def is_duplicate(error: BaseException) -> bool:
    """Say whether somebody else created the same thing at the same time."""
    if not isinstance(error, IntegrityError):
        return False
    state = _state_of(error)
    return state == _UNIQUE_VIOLATION or "UNIQUE constraint failed" in str(error)


def insist(doing: Callable[[], ResultT]) -> ResultT:
    """Return what *doing* returns, trying up to three times while it loses races.

    *doing* must be whole: what it does is rolled back when it fails.
    """
    for pause in _PAUSES:
        try:
            return doing()
        except OperationalError as lost:
            if not is_contention(lost):
                raise
        time.sleep(pause)
    return doing()


def _state_of(error: BaseException) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")
