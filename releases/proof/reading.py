"""Reading a bundle: its bytes, its parts, their digests and the signature over them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT: Final = "gitopshq-evidence-bundle/1"
SECTIONS: Final = ("evidence", "content", "git", "audit")
_PARTS: Final = {"format", *SECTIONS, "digests", "signature"}


class Refused(Exception):
    """The first thing that is wrong with a bundle."""


@dataclass(frozen=True)
class Bundle:
    """A bundle whose parts are what was signed with ``key`` (64 hex digits)."""

    evidence: dict[str, Any]
    content: dict[str, Any] | None
    git: dict[str, Any] | None
    audit: list[dict[str, Any]]
    digests: dict[str, str]
    key: str


def read(data: bytes, *, key: str | None = None) -> Bundle:
    """Return the bundle in *data*; with *key* only if that key signed it.

    :raises Refused: when it is none, or not as it was signed
    """
    found = _parsed(data)
    _require(set(found) == _PARTS, "the bundle: its parts are not the known ones")
    _require(found["format"] == FORMAT, "format: not a bundle of evidence")
    _check_signature(found, key)
    digests = found["digests"]
    _require(set(digests) == set(SECTIONS), "digests: not those of the sections")
    for name in SECTIONS:
        said = f"{name}: it is not what its digest says"
        _require(digest_of(found[name]) == digests[name], said)
    parts = {name: found[name] for name in SECTIONS}
    return Bundle(**parts, digests=digests, key=found["signature"]["key"])


def digest_of(value: object) -> str:
    """Return the SHA-256 of JSON values: sorted keys, no white space, UTF-8."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: object) -> bytes:
    """Return the bytes that digests and the signature are over."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def written(value: object) -> bytes:
    """Return a bundle's bytes: there is one way to write each."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
    return text.encode() + b"\n"


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise Refused("the file: it is not JSON") from None
    if not isinstance(found, dict):
        raise Refused("the file: it is not a bundle")
    # Also refuses a key twice, of which readers would take either.
    _require(written(found) == data, "the file: it is not written as bundles are")
    return found


def _check_signature(found: dict[str, Any], key: str | None) -> None:
    signature = found["signature"]
    _require(
        set(signature) == {"algorithm", "key", "value"}
        and signature["algorithm"] == "ed25519",
        "signature: of an unknown kind",
    )
    if key is not None and signature["key"] != key:
        raise Refused("signature: made with another key than the one expected")
    signed = canonical({"format": found["format"], "digests": found["digests"]})
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["key"]))
    try:
        public.verify(bytes.fromhex(signature["value"]), signed)
    except InvalidSignature:
        raise Refused("signature: it is not over these digests") from None


def _require(is_right: bool, said: str) -> None:  # noqa: FBT001
    if not is_right:
        raise Refused(said)
