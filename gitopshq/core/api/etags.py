"""Entity tags: which version of an object an answer shows, or a change means."""

import hashlib
import re
from typing import Any, Final

from rest_framework.renderers import JSONRenderer

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_ANY: Final = "*"


def etag_of(content: Any) -> str:
    """Return the strong tag of *content*: bytes, a text, or data for JSON."""
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = JSONRenderer().render(content)
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def means(header: str, etag: str) -> bool:
    """Say whether ``If-Match: header`` allows changing the version *etag*.

    Strong comparison (RFC 9110, 13.1.1): a weak tag never matches.
    """
    return header.strip() == _ANY or etag in _TAG.findall(header)


def knows(header: str, etag: str) -> bool:
    """Say whether ``If-None-Match: header`` names *etag*, weakly compared."""
    tags = (tag.removeprefix("W/") for tag in _TAG.findall(header))
    return header.strip() == _ANY or etag in tags
