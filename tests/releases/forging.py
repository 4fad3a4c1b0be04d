"""Altering a bundle: one value at a time, or signed anew by whoever has a key."""

from base64 import b64decode, b64encode
from copy import deepcopy

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from releases.proof import reading

BOUND = {
    "the approver": (("evidence", "approvers", 0), "votes: the approvers"),
    "the digest voted on": (
        ("evidence", "facts", "approval", "votes", 0, "digest"),
        "votes: that of bob",
    ),
    "a vote's verdict": (
        ("evidence", "facts", "approval", "votes", 0, "verdict"),
        "votes: that of bob",
    ),
    "the quorum": (("evidence", "facts", "approval", "required"), "votes: 1 of 2"),
    "the requester": (("evidence", "requester"), "audit: who created it"),
    "the executor": (("evidence", "executor"), "audit: who sent it off"),
    "the verifier": (("evidence", "verifier"), "audit: who verified it"),
    "what was written": (("evidence", "riskSummary"), "audit: the evidence closed"),
    "the end of it": (("evidence", "closed"), "audit: that it was closed"),
    "the title": (("evidence", "title"), "content: the title"),
    "a change": (("evidence", "facts", "changes", 0, "revision"), "content: the chan"),
    "the place": (("evidence", "projectEnvironment"), "evidence: projectEnvironment"),
    "the tree": (("content", "tree"), "content: its digest"),
    "the commit id": (("evidence", "facts", "commit", "sha"), "git: the commit"),
    "an entry": (("audit", 1, "content", "event"), "is not what its hash says"),
    "a hash": (("audit", 0, "hash"), "is not what its hash says"),
}
"""What cannot be altered even by who signs anew: its place, and what is said."""


def leaves(value, path=()):
    """Yield the path of every value that holds no others."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else None
    )
    if not inner:
        yield path
        return
    for key, below in inner:
        yield from leaves(below, (*path, key))


def with_other(bundle, path, change=None):
    """Return a copy with another value at *path*."""
    copy = deepcopy(bundle)
    *way, last = path
    place = copy
    for step in way:
        place = place[step]
    place[last] = (change or other)(place[last])
    return copy


def other(value):
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case None:
            return "x"
        case str():
            flipped = {"0": "1", "a": "b", "A": "B"}.get(value[-1:], "0")
            return value[:-1] + flipped
    return [*value, "x"] if isinstance(value, list) else {"x": 1}


def forged(bundle):
    """Return *bundle* with digests and signature made anew, by a key of one's own."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    digests = {name: reading.digest_of(bundle[name]) for name in reading.SECTIONS}
    signed = {"format": bundle["format"], "digests": digests}
    signature = {
        "algorithm": "ed25519",
        "key": public.hex(),
        "value": key.sign(reading.canonical(signed)).hex(),
    }
    return {**bundle, "digests": digests, "signature": signature}


def flip(text):
    data = bytearray(b64decode(text))
    data[len(data) // 2] ^= 1
    return b64encode(data).decode()
