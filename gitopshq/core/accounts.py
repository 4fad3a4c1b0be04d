"""How allauth behaves here: nobody signs up, operators make people."""

from typing import Final

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from gitopshq.core.models import User

_SESSIONS: Final = "gitopshq.core.backends.SessionBackend"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session, however they have proved who they are."""
        user.backend = _SESSIONS
        super().login(request, user)
