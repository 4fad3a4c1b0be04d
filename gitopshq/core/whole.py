"""Work done whole: all that it writes, and the memory of it, in one transaction.

What no transaction may wait for is done between two tries of it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeVar

from django.db import transaction

from gitopshq.core.errors import ConcurrentUpdate

ResultT = TypeVar("ResultT")

TRIES: Final = 5
_is_open: ContextVar[bool] = ContextVar("whole", default=False)


class Unready(Exception):
    """Something must be done outside the transaction: then it may begin again."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        super().__init__("to be prepared outside the transaction")
        self.prepare = prepare


def is_open() -> bool:
    """Say whether what runs now is part of work that is done whole."""
    return _is_open.get()


def do(work: Callable[[], ResultT]) -> ResultT:
    """Return what *work* returns: all that it wrote is committed then, or nothing.

    It is begun again when it was ``Unready``; after a lost race only by ``insist``,
    around this. Within work that is done whole it is a part of that.

    :raises ConcurrentUpdate: when it was never ready
    """
    if is_open():
        with transaction.atomic():
            return work()
    mark = _is_open.set(True)
    try:
        return _begin(work)
    finally:
        _is_open.reset(mark)


def _begin(work: Callable[[], ResultT]) -> ResultT:
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return work()
        except Unready as unready:
            unready.prepare()
    raise ConcurrentUpdate(what="the project")
