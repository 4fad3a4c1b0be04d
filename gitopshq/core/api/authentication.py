"""Who calls the API: a token's owner, or a person with a session; and how far."""

from typing import TYPE_CHECKING, Any, Final

from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from gitopshq.core import audit, errors, refusals
from gitopshq.core.models import ApiToken, TokenScope, User
from gitopshq.core.tokens import authenticate_token

if TYPE_CHECKING:
    # DRF loads this module while its own views are being made.
    from rest_framework.views import APIView

SCHEME: Final = "Bearer"
_LONGEST_PATH: Final = 500


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer gohq_…``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's owner and the token, or ``None`` without the header.

        :raises AuthenticationFailed: when there is no such live token.
        """
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = authenticate_token(secret.strip())
        if token is None:
            raise exceptions.AuthenticationFailed("this token is not valid")
        if (came := audit.caller.get()) is not None:
            came.token = token.prefix
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return what makes the answer a 401."""
        return f'{SCHEME} realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The cookie of somebody signed in. Every unsafe method needs the CSRF token."""


class TokenHasScope(BasePermission):
    """Tokens do only what their scopes and their project allow. Sessions pass."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say yes, or refuse.

        :raises PermissionDenied: when the token lacks the scope.
        :raises NotFound: when the token belongs to another project.
        """
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        _check_project(token, request, view)
        scope = scope_needed(view, str(request.method))
        if scope not in token.scopes and TokenScope.ADMIN not in token.scopes:
            _remember(request, view, token, scope)
            raise exceptions.PermissionDenied(
                f"this needs a token with the scope {scope}"
            )
        return True


def _remember(request: Request, view: "APIView", token: ApiToken, scope: str) -> None:
    """Have the refusal of a step recorded: no view is reached that could say so."""
    if request.method in SAFE_METHODS:
        return
    named = str(view.kwargs.get("project", ""))
    refusals.attempting(
        request._request,  # noqa: SLF001
        "token.scope",
        token,
        # A path may name what is not there: that must not begin a chain.
        project=named if audit.has_chain(named) else "",
        needed=scope,
        method=request.method,
        path=request.path[:_LONGEST_PATH],
    )


def scope_needed(view: Any, method: str) -> str:
    """Return the scope that a token needs to call *method* on *view*."""
    own = getattr(view, "scopes", {}).get(method)
    if own is not None:
        return str(own)
    if method in SAFE_METHODS:
        return TokenScope.READ.value
    return str(getattr(view, "write_scope", "") or TokenScope.ADMIN.value)


def _check_project(token: ApiToken, request: Request, view: Any) -> None:
    """Hide everything but the token's own project.

    A view of several projects shows itself, for reading, when it says that it
    narrows its answer to ``token_project``.
    """
    if not token.project:
        return
    here = view.kwargs.get("project")
    if here == token.project:
        return
    spans = getattr(view, "spans_projects", False)
    if here is None and spans and request.method in SAFE_METHODS:
        return
    raise errors.NotFound
