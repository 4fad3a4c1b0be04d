"""What the demo prints: who can log in, where to look first, how to clone."""

import textwrap
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gitopshq.core.models import TokenScope, User
from gitopshq.core.tokens import authenticate_token, issue_token
from gitopshq.demo.people import ALICE, EVERYBODY
from gitopshq.supervisor.folder import write_private

_TOKEN_SCOPES: Final = (TokenScope.READ, TokenScope.GIT_READ)


def written(base_url: str, data: Path) -> str:
    """Return the whole letter for a demo that is seeded."""
    people = "\n".join(
        f"  {person.name:<7}{person.password:<13}{person.does}" for person in EVERYBODY
    )
    return _LETTER.format(
        url=base_url, people=people, clone=_clone(base_url, data), data=_short(data)
    )


def ensure_token(user: User, data: Path) -> None:
    """Make *user*'s token for Git and keep it in *data*, for its owner's eyes only."""
    file = _token_file(data)
    if file.exists() and authenticate_token(file.read_text("utf-8").strip()):
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _, secret = issue_token(
        user, name="demo clone", scopes=_TOKEN_SCOPES, project="shop", actor=user
    )
    write_private(file, secret)


def _clone(base_url: str, data: Path) -> str:
    file = _token_file(data)
    token = file.read_text("utf-8").strip() if file.exists() else ""
    if not token or authenticate_token(token) is None:
        return (
            f"./run manage create_token {ALICE.name} --name clone "
            "--scope git:read --project shop"
        )
    parts = urlsplit(base_url)
    return (
        f"git clone {parts.scheme}://{ALICE.name}:{token}@{parts.netloc}/git/shop.git"
    )


def _token_file(data: Path) -> Path:
    return data / "secrets" / "demo_token"


def _short(data: Path) -> str:
    here = Path.cwd()
    return str(data.relative_to(here)) if data.is_relative_to(here) else str(data)


_LETTER: Final = textwrap.dedent(
    """
    The demo of GitOpsHQ is at {url}

      name   password     what they do
    {people}

    Look first at
      1. as alice, {url}/projects/shop/acme/staging
         Five changes wait. Preview them: a variable of the whole project also reaches
         the mailer. Untick the variable PAYMENT_TIMEOUT: the values that use it say so.
         Create the release; alice cannot approve it.
      2. as bob, {url}/approvals
         Approve it, and see what waits in production (R-9, two votes).
      3. as alice, deploy it, then see the commit with your own git:
         {clone}
      4. R-7 was approved and is stale: refresh it, and see what that does to the vote.
      5. as root, {url}/projects/shop/environments/prod/policy
         Freeze production, and try to deploy there. Globex is frozen there already.
      6. as carol, be the second person at the break-glass of R-17, within the hour.
      7. R-14 took R-11 back in {url}/projects/shop/globex/dev
         and holds its changes; R-15 (one service), R-13 and R-16 show how votes count.

    Ctrl-C stops everything; data in {data}
    """
).strip("\n")
