"""Secret values at rest: fingerprinted, sealed, and handed to the renderer sealed.

Nothing here opens one. Only the rendering child does, with the ring it is given.
"""

from collections.abc import Collection
from typing import Final

from django.conf import settings

from environments.desired import sealing
from environments.desired.sealing import KeyRing
from environments.models import InstallationKey, SecretValue

PURPOSE: Final = "variable"
"""What sealed values of variables are bound to, beside their fingerprint."""
_FINGERPRINTS: Final = "fingerprint"


def key_ring() -> KeyRing:
    """Return the keys of this installation; the first seals, all open."""
    return KeyRing.parse(settings.ENCRYPTION_KEYS)


def fingerprint_of(plaintext: str) -> str:
    """Return the HMAC-SHA-256 of a secret under the installation's own key, hex."""
    return sealing.fingerprint(plaintext, _fingerprint_key())


def store_secret(plaintext: str) -> SecretValue:
    """Return the row that holds *plaintext* sealed; the same value is kept once."""
    fingerprint = fingerprint_of(plaintext)
    row = SecretValue.objects.filter(pk=fingerprint).first()
    if row is None:
        sealed = sealing.seal(
            plaintext, key_ring=key_ring(), purpose=PURPOSE, bound_to=fingerprint
        )
        row, _ = SecretValue.objects.get_or_create(
            pk=fingerprint, defaults={"sealed": sealed}
        )
    return row


def sealed_values(fingerprints: Collection[str]) -> dict[str, str]:
    """Return the sealed text of each fingerprint that is known."""
    rows = SecretValue.objects.filter(pk__in=fingerprints)
    return dict(rows.values_list("fingerprint", "sealed"))


def _fingerprint_key() -> bytes:
    """Return the key under which secrets are fingerprinted, made on first use."""
    ring = key_ring()
    row = InstallationKey.objects.filter(pk=_FINGERPRINTS).first()
    if row is None:
        sealed = sealing.seal(
            sealing.make_key(),
            key_ring=ring,
            purpose="installation-key",
            bound_to=_FINGERPRINTS,
        )
        row, _ = InstallationKey.objects.get_or_create(
            pk=_FINGERPRINTS, defaults={"sealed": sealed}
        )
    key = sealing.open_sealed(
        row.sealed,
        key_ring=ring,
        purpose="installation-key",
        bound_to=_FINGERPRINTS,
    )
    return key.encode()
