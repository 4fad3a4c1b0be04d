"""Building commit objects. Writing them is packs' work, publishing them refs'."""

import re
from dataclasses import dataclass
from datetime import datetime

from dulwich.objects import Commit

from delivery.git.ids import to_git

_NOT_IN_IDENTITY = re.compile(r"[<>\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Identity:
    """A person or the service, as Git names them."""

    name: str
    email: str

    def line(self) -> bytes:
        """Return `name <email>`, whatever characters the two hold."""
        name = _NOT_IN_IDENTITY.sub(" ", self.name).strip() or "unknown"
        email = _NOT_IN_IDENTITY.sub("", self.email).strip()
        return f"{name} <{email}>".encode()


def build_commit(
    *,
    parent: str | None,
    tree: str,
    message: str,
    author: Identity,
    committer: Identity,
    at: datetime,
) -> Commit:
    """Return a commit of a root tree on one parent (None: a root commit).

    :param at: author and committer time; aware, kept in whole seconds of UTC.
    :raises ValueError: if `at` has no time zone or an id is malformed.
    """
    if at.tzinfo is None:
        raise ValueError("a commit needs a time with a zone")
    commit = Commit()
    commit.tree = to_git(tree)
    commit.parents = [] if parent is None else [to_git(parent)]
    commit.author = author.line()
    commit.committer = committer.line()
    commit.author_time = commit.commit_time = int(at.timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = message.encode()
    return commit
