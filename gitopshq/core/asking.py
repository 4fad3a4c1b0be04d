"""What a view asks of whoever calls it, before it looks at what was sent.

Each view that writes declares one question: a page by the decorator ``asks``, a view
of the API by its attribute of that name. The order is: 404 for what one may not see,
the scope of a token, 403; then the body is read, and then the state of things. The
action asks for the permission again, under its lock.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

from gitopshq.core.models import User

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that write nothing, and so ask for nothing but the sight."""

Place = Mapping[str, Any]
"""What the path of a request names."""

RequestT = TypeVar("RequestT", bound=HttpRequest)
P = ParamSpec("P")


class Question(ABC):
    """Asked in two steps: what is this about, and may the caller do it."""

    @abstractmethod
    def find(self, request: HttpRequest, user: User, place: Place) -> Any:
        """Return what *request* is about.

        :raises NotFound: when *user* may not see it
        """

    @abstractmethod
    def ask(
        self, request: HttpRequest, user: User, about: Any, *, by_token: bool
    ) -> None:
        """Return if *user* may go on; *about* is what ``find`` returned.

        :raises NotPermitted: if not
        """


class Own(Question):
    """For what is one's own, or asks for each item by itself: all signed in may."""

    def find(self, request: HttpRequest, user: User, place: Place) -> None:
        """Find nothing: the view looks among what is the caller's."""

    def ask(
        self, request: HttpRequest, user: User, about: None, *, by_token: bool
    ) -> None:
        """Let everybody pass."""


OWN: Final = Own()
ONE_BY_ONE: Final = Own()
"""Several things at once, of which each is asked about, refused and recorded alone."""


@dataclass(frozen=True)
class Either(Question):
    """One of several questions, where a form says which step it takes.

    ``step`` reads that word from the request; an unknown one is the question of ``""``.
    """

    step: Callable[[HttpRequest, Place], str]
    questions: Mapping[str, Question]

    def find(
        self, request: HttpRequest, user: User, place: Place
    ) -> tuple[Question, Any]:
        """Choose the question, and return it with what it is about."""
        word = self.step(request, place)
        chosen = self.questions.get(word) or self.questions[""]
        return chosen, chosen.find(request, user, place)

    def ask(
        self,
        request: HttpRequest,
        user: User,
        about: tuple[Question, Any],
        *,
        by_token: bool,
    ) -> None:
        """Ask the question that was chosen."""
        chosen, found = about
        chosen.ask(request, user, found, by_token=by_token)


def asks(
    question: Question,
) -> Callable[
    [Callable[Concatenate[RequestT, P], HttpResponse]],
    Callable[Concatenate[RequestT, P], HttpResponse],
]:
    """Have a page ask *question* before it writes. Goes below ``login_required``."""

    def declared(
        view: Callable[Concatenate[RequestT, P], HttpResponse],
    ) -> Callable[Concatenate[RequestT, P], HttpResponse]:
        @wraps(view)
        def asking(
            request: RequestT, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if request.method not in SAFE:
                assert isinstance(request.user, User)
                about = question.find(request, request.user, kwargs)
                question.ask(request, request.user, about, by_token=False)
            return view(request, *args, **kwargs)

        asking.asks = question  # type: ignore[attr-defined]
        return asking

    return declared
