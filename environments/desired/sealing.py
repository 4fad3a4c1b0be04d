"""Sealing of secrets with AES-256-GCM under a ring of keys, and their fingerprints.

Where keys and sealed texts are kept is not decided here.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_HEX = 12


class KeysRefused(ValueError):
    """The key ring cannot be used as it was given."""


class CannotOpen(Exception):
    """A sealed text was altered, belongs elsewhere, or its key is not in the ring."""


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Keys of 32 bytes by their id; the first seals, all open."""

    keys: Mapping[str, bytes]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ring written as keys in base64 or hex, apart by comma or space.

        :raises KeysRefused: no key at all, or one that is not 32 bytes
        """
        keys = [_key(word) for word in text.replace(",", " ").split()]
        if not keys:
            raise KeysRefused("the key ring is empty")
        return cls({key_id(key): key for key in keys})

    @property
    def sealing_key(self) -> tuple[str, bytes]:
        """The id and the bytes of the key that seals."""
        return next(iter(self.keys.items()))

    def __repr__(self) -> str:
        """Name the keys by id, never by what they are."""
        return f"KeyRing({', '.join(self.keys)})"


def key_id(key: bytes) -> str:
    """Return the id that a sealed text names its key by; tells nothing of the key."""
    # The prefix keeps the id apart from any other digest made of the same key.
    return hashlib.sha256(b"gitopshq key id\0" + key).hexdigest()[:KEY_ID_HEX]


def make_key() -> str:
    """Return a new random key as `KeyRing.parse` reads it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def seal(plaintext: str, *, key_ring: KeyRing, purpose: str, bound_to: str) -> str:
    """Return the text sealed with the ring's first key.

    :param purpose: what kind of secret it is; opening must name the same
    :param bound_to: the row or fingerprint it belongs to, so that it cannot be moved
    """
    identifier, key = key_ring.sealing_key
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(
        nonce, plaintext.encode(), _associated(identifier, purpose, bound_to)
    )
    return prefix_of(identifier) + _encode(nonce + sealed)


def prefix_of(identifier: str) -> str:
    """Return what every text begins with that the key of this id sealed."""
    return f"{VERSION}.{identifier}."


def open_sealed(sealed: str, *, key_ring: KeyRing, purpose: str, bound_to: str) -> str:
    """Return the plaintext of what `seal` made for the same purpose and place.

    :raises CannotOpen: altered, moved, or sealed with a key that is not in the ring
    """
    identifier = sealed_with(sealed)
    key = key_ring.keys.get(identifier)
    if key is None:
        raise CannotOpen(f"key {identifier} is not in the key ring")
    try:
        body = base64.b64decode(sealed.split(".")[2], altchars=b"-_", validate=True)
        plain = AESGCM(key).decrypt(
            body[:NONCE_BYTES],
            body[NONCE_BYTES:],
            _associated(identifier, purpose, bound_to),
        )
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("altered, or sealed for another place") from error
    return plain.decode()


def sealed_with(sealed: str) -> str:
    """Return the id of the key that sealed a text, so that rotation finds the old.

    :raises CannotOpen: not a sealed text
    """
    match sealed.split("."):
        case [version, identifier, _] if version == VERSION:
            return identifier
        case _:
            raise CannotOpen("not a sealed text")


def fingerprint(plaintext: str, key: bytes) -> str:
    """Return the HMAC-SHA-256 of a secret as 64 hex digits."""
    return hmac.new(key, plaintext.encode(), hashlib.sha256).hexdigest()


def _associated(identifier: str, purpose: str, bound_to: str) -> bytes:
    return json.dumps([VERSION, identifier, purpose, bound_to]).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _key(word: str) -> bytes:
    try:
        if len(word) == 2 * KEY_BYTES:
            key = bytes.fromhex(word)
        else:
            padded = word + "=" * (-len(word) % 4)
            plain = padded.replace("+", "-").replace("/", "_")
            key = base64.b64decode(plain, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        # The word is not repeated: it may be a key with a slip in it.
        raise KeysRefused("a key is neither base64 nor hex") from error
    if len(key) != KEY_BYTES:
        raise KeysRefused(f"a key has {len(key)} bytes and needs {KEY_BYTES}")
    return key
