"""The key of this installation that signs bundles of evidence."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from environments.secrets import signing_seed


def sign(message: bytes) -> dict[str, str]:
    """Return the signature of *message*, with the public key that checks it."""
    private = _key()
    return {
        "algorithm": "ed25519",
        "key": _public(private),
        "value": private.sign(message).hex(),
    }


def public_key() -> str:
    """Return the key that checks our signatures, 64 hex digits."""
    return _public(_key())


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(signing_seed())


def _public(private: Ed25519PrivateKey) -> str:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return raw.hex()
