"""Altering a bundle: one value at a time, or signed anew by whoever has a key."""

from base64 import b64decode, b64encode
from copy import deepcopy

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from releases.proof import reading


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
