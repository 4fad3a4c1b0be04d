"""The button on an empty dashboard that loads the demo."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from environments.models import Project
from gitopshq.core.asking import Place, Question, asks
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from gitopshq.core.web import PageRequest
from gitopshq.demo import loading


class Runs(Question):
    """For whoever runs an empty installation; for everybody else there is no demo."""

    def find(self, request: HttpRequest, user: User, place: Place) -> None:
        """Find the emptiness.

        :raises NotFound: where somebody works, and for whoever is no operator
        """
        if not user.is_superuser or Project.objects.exists():
            raise NotFound

    def ask(
        self, request: HttpRequest, user: User, about: None, *, by_token: bool
    ) -> None:
        """Let who was led here pass."""


LOAD: Final = Runs()


@require_POST
@login_required
@asks(LOAD)
def load(request: PageRequest) -> HttpResponse:
    """Make the demo project, and have its story told."""
    loading.ask(actor=request.user)
    said = "The demo project is there. Its releases follow in a minute or two."
    messages.success(request, said)
    return redirect("releases:dashboard")
