"""What a POST returns that is not answered yet when its transaction ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from django.http import HttpResponseBase
from rest_framework.response import Response

from gitopshq.core.contention import insist


@dataclass(frozen=True, slots=True)
class Next:
    """More to do, in a transaction of its own: what was done so far stays."""

    step: "Step"


@dataclass(frozen=True, slots=True)
class Waiting:
    """All is done; the answer is a better one after *wait*, outside a transaction.

    *answer* is true before as well: it is what a repeated request hears should the
    process die while it waits.
    """

    answer: Callable[[], Response]
    wait: Callable[[], object]

    def waited(self) -> Response:
        """Return the better answer."""
        self.wait()
        return insist(self.answer)


Outcome: TypeAlias = HttpResponseBase | Next | Waiting
Step: TypeAlias = Callable[[], Outcome]


def go_on(outcome: Outcome, take: Callable[[Step], Outcome]) -> HttpResponseBase:
    """Return the answer that *outcome* leads to; every further step *take* takes."""
    while isinstance(outcome, Next):
        outcome = take(outcome.step)
    return outcome.waited() if isinstance(outcome, Waiting) else outcome
