"""Object ids: 40 hex digits as text everywhere outside the calls into dulwich."""

import re

from dulwich.objects import ObjectID

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_HEX = re.compile(r"[0-9a-f]{40}")


def to_git(object_id: str) -> ObjectID:
    """Return the id as dulwich wants it.

    :raises ValueError: if it is no full SHA-1 in lower-case hex.
    """
    if not _HEX.fullmatch(object_id):
        raise ValueError(f"{object_id!r} is no object id")
    return ObjectID(object_id.encode())
