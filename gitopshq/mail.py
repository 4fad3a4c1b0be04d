"""``EMAIL_URL`` as Django's mail settings."""

from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BACKENDS: Final = "django.core.mail.backends"
_SMTP_PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_TIMEOUT: Final = 20
"""Seconds for each step of a conversation: a lease covers all of them."""


def mail_settings(url: str, *, host: str) -> dict[str, Any]:
    """Return the settings that *url* stands for; an empty one sends nothing.

    ``smtp://user:password@host:port`` speaks plainly, ``smtp+tls`` starts TLS,
    ``smtps`` speaks TLS from the first byte; ``console:`` prints. ``?from=`` is the
    sender; without it mail comes from ``gitopshq@`` and the name of this *host*.

    :raises ImproperlyConfigured: when it is none of these
    """
    parts = _parts(url)
    given = parse_qs(parts.query, keep_blank_values=True)
    sender = given.pop("from", [f"GitOpsHQ <gitopshq@{host}>"])[-1]
    if given or parts.fragment or "\n" in sender or not sender:
        raise _unreadable()
    common = {
        "EMAIL_IS_ON": bool(url),
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
    }
    if parts.scheme in {"", "console"}:
        kind = "console" if url else "dummy"
        return {**common, "EMAIL_BACKEND": f"{_BACKENDS}.{kind}.EmailBackend"}
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path.strip("/"):
        raise _unreadable()
    return {
        **common,
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _SMTP_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": _TIMEOUT,
    }


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # Read here, where a port that is no number can still be refused.
        _ = parts.port
    except ValueError:
        raise _unreadable() from None
    if bool(url) != bool(parts.scheme):
        raise _unreadable()
    return parts


def _unreadable() -> ImproperlyConfigured:
    # Never the value itself: a password may stand in it.
    return ImproperlyConfigured(
        "EMAIL_URL cannot be read: say smtp://user:password@host:port, with smtp+tls "
        "or smtps for TLS, and ?from=address if need be; or console:"
    )
