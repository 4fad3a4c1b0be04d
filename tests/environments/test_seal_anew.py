"""A new key is put first in the ring, and the old one is to go."""

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import override_settings

from environments import actions, secrets
from environments.desired import sealing
from environments.models import InstallationKey, SecretValue
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db

WORDS = [f"canary-{number}" for number in range(5)]
OLD = sealing.make_key()
NEW = sealing.make_key()
BOTH = f"{NEW},{OLD}"


@pytest.fixture
def rows(monkeypatch):
    """Five values under the old key; two go in a batch."""
    monkeypatch.setattr(secrets, "BATCH", 2)
    with override_settings(ENCRYPTION_KEYS=OLD):
        return [secrets.store_secret(word) for word in WORDS]


def all_open():
    """Return what the rows hold, as the keys of now open them."""
    return sorted(
        sealing.open_sealed(
            row.sealed,
            key_ring=secrets.key_ring(),
            purpose=secrets.PURPOSE,
            bound_to=row.pk,
        )
        for row in SecretValue.objects.all()
    )


def counted():
    entries = AuditEntry.objects.filter(event="secrets.resealed")
    return [entry.data["count"] for entry in entries.order_by("sequence")]


@override_settings(ENCRYPTION_KEYS=BOTH)
def test_the_old_key_can_go_and_no_fingerprint_moves(rows, capsys):
    assert secrets.count_under_older_keys() == len(rows) + 1

    call_command("reseal_secrets")

    assert capsys.readouterr().out == "6\n"
    call_command("reseal_secrets")
    assert capsys.readouterr().out == "0\n"
    assert secrets.count_under_older_keys() == 0
    assert counted() == [3, 2, 1]
    with override_settings(ENCRYPTION_KEYS=NEW):
        assert all_open() == WORDS
        assert secrets.fingerprint_of(WORDS[0]) == rows[0].pk


@override_settings(ENCRYPTION_KEYS=BOTH)
def test_a_run_that_is_broken_off_is_ended_by_the_next(rows, monkeypatch):
    seal, left = sealing.seal, iter(range(4))

    def until_it_is_killed(*given, **more):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return seal(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "seal", until_it_is_killed)
        with pytest.raises(KeyboardInterrupt):
            call_command("reseal_secrets")

    # The first batch and the key of the installation; half a batch is none.
    assert counted() == [3]
    assert secrets.count_under_older_keys() == 3
    assert all_open() == WORDS
    call_command("reseal_secrets")
    with override_settings(ENCRYPTION_KEYS=NEW):
        assert all_open() == WORDS


@override_settings(ENCRYPTION_KEYS=BOTH)
def test_what_was_handed_out_before_still_opens(rows):
    handed = secrets.sealed_values([rows[0].pk])[rows[0].pk]

    call_command("reseal_secrets")

    assert handed != secrets.sealed_values([rows[0].pk])[rows[0].pk]
    assert WORDS[0] == sealing.open_sealed(
        handed,
        key_ring=secrets.key_ring(),
        purpose=secrets.PURPOSE,
        bound_to=rows[0].pk,
    )


@override_settings(ENCRYPTION_KEYS=BOTH)
def test_what_no_key_opens_is_named_and_holds_up_nobody(rows):
    broken = min(rows, key=lambda row: row.pk)
    cut = SecretValue.objects.filter(pk=broken.pk)
    cut.update(sealed=Concat(F("sealed"), Value("AAAA")))

    with pytest.raises(CommandError, match=f"{broken.pk[:8]}: altered"):
        call_command("reseal_secrets")

    assert secrets.count_under_older_keys() == 1
    with override_settings(ENCRYPTION_KEYS=NEW):
        (row,) = SecretValue.objects.exclude(sealed__startswith=prefix(NEW))
        assert row.pk == broken.pk


def prefix(key):
    ring = sealing.KeyRing.parse(key)
    return sealing.prefix_of(ring.sealing_key[0])


@override_settings(ENCRYPTION_KEYS=NEW)
def test_a_ring_that_lost_the_old_key_is_told_so(rows):
    with pytest.raises(CommandError, match="is not in the key ring"):
        call_command("reseal_secrets")

    assert InstallationKey.objects.exclude(sealed__startswith=prefix(OLD)).count() == 0


def test_only_a_superuser_seals_anew(shop):
    mona = make.user("mona")
    with pytest.raises(NotPermitted):
        actions.reseal_secrets(actor=mona)

    root = make.user(is_superuser=True)
    assert actions.reseal_secrets(actor=root).count == 0
