"""Secret values at rest: fingerprinted, sealed, and handed to the renderer sealed.

Only the rendering child opens one to use it, with the ring it is given; here a value
is opened for nothing but to be sealed with a newer key.
"""

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from environments.desired import sealing
from environments.desired.sealing import CannotOpen, KeyRing
from environments.models import InstallationKey, SecretValue

PURPOSE: Final = "variable"
"""What sealed values of variables are bound to, beside their fingerprint."""
BATCH: Final = 500
"""Values that are sealed anew in one transaction."""
_FINGERPRINTS: Final = "fingerprint"
_SIGNING: Final = "signing"
_KEYS: Final = "installation-key"

_Sealed = TypeVar("_Sealed", SecretValue, InstallationKey)


def key_ring() -> KeyRing:
    """Return the keys of this installation; the first seals, all open."""
    return KeyRing.parse(settings.ENCRYPTION_KEYS)


def fingerprint_of(plaintext: str) -> str:
    """Return the HMAC-SHA-256 of a secret under the installation's own key, hex."""
    return sealing.fingerprint(plaintext, _fingerprint_key())


def fingerprinter() -> Callable[[str], str]:
    """Return `fingerprint_of` with the installation's key opened once, for many."""
    key = _fingerprint_key()
    return lambda plaintext: sealing.fingerprint(plaintext, key)


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


@dataclass(frozen=True)
class Batch:
    """What `seal_some_anew` did."""

    count: int
    after: str
    """The fingerprint to go on after; empty when none is left."""
    stuck: tuple[str, ...]
    """Of each value that no key of the ring opens: its fingerprint, and why."""


def seal_some_anew(after: str = "") -> Batch:
    """Seal with the first key what an older one sealed, `BATCH` values at most.

    Snapshots, digests and votes know fingerprints only, and do not move.
    """
    ring = key_ring()
    rows = list(
        _under_older_keys(ring, SecretValue.objects.all())
        .filter(pk__gt=after)
        .order_by("pk")
        .values_list("fingerprint", "sealed")[:BATCH]
    )
    count, stuck = 0, []
    for fingerprint, sealed in rows:
        try:
            anew = _sealed_anew(sealed, ring, PURPOSE, fingerprint)
        except CannotOpen as error:
            stuck.append(f"{fingerprint[:8]}: {error}")
            continue
        # One that another run has sealed anew meanwhile is as it should be.
        count += SecretValue.objects.filter(pk=fingerprint, sealed=sealed).update(
            sealed=anew, rotated_at=timezone.now()
        )
    last = rows[-1][0] if len(rows) == BATCH else ""
    return Batch(count=count, after=last, stuck=tuple(stuck))


def seal_keys_anew() -> int:
    """Seal the installation's own keys with the first of the ring; return how many.

    :raises CannotOpen: no key of the ring opens one of them
    """
    ring = key_ring()
    older = list(_under_older_keys(ring, InstallationKey.objects.all()))
    for key in older:
        key.sealed = _sealed_anew(key.sealed, ring, _KEYS, key.pk)
        key.save(update_fields=["sealed"])
    return len(older)


def count_under_older_keys() -> int:
    """Return how much was sealed with another key than the first of the ring."""
    ring = key_ring()
    values = _under_older_keys(ring, SecretValue.objects.all())
    keys = _under_older_keys(ring, InstallationKey.objects.all())
    return values.count() + keys.count()


def _under_older_keys(ring: KeyRing, rows: QuerySet[_Sealed]) -> QuerySet[_Sealed]:
    current, _ = ring.sealing_key
    return rows.exclude(sealed__startswith=sealing.prefix_of(current))


def _sealed_anew(sealed: str, ring: KeyRing, purpose: str, bound_to: str) -> str:
    plain = sealing.open_sealed(
        sealed, key_ring=ring, purpose=purpose, bound_to=bound_to
    )
    return sealing.seal(plain, key_ring=ring, purpose=purpose, bound_to=bound_to)


def signing_seed() -> bytes:
    """Return 32 bytes that only this installation has, to sign what it hands out."""
    return base64.urlsafe_b64decode(_installation_key(_SIGNING))


def _fingerprint_key() -> bytes:
    return _installation_key(_FINGERPRINTS)


def _installation_key(name: str) -> bytes:
    """Return a key of the installation, made on first use."""
    ring = key_ring()
    row = InstallationKey.objects.filter(pk=name).first()
    if row is None:
        sealed = sealing.seal(
            sealing.make_key(), key_ring=ring, purpose=_KEYS, bound_to=name
        )
        row, _ = InstallationKey.objects.get_or_create(
            pk=name, defaults={"sealed": sealed}
        )
    key = sealing.open_sealed(row.sealed, key_ring=ring, purpose=_KEYS, bound_to=name)
    return key.encode()
