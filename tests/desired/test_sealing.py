"""Secrets sealed under a ring of keys, and told apart by fingerprint."""

import base64

import pytest

from environments.desired.sealing import (
    CannotOpen,
    KeyRing,
    KeysRefused,
    fingerprint,
    make_key,
    open_sealed,
    seal,
    sealed_with,
)

OLD, NEW = make_key(), make_key()
HERE = {"purpose": "variable", "bound_to": "a1b2"}


def test_what_is_sealed_opens_again():
    ring = KeyRing.parse(NEW)
    sealed = seal("pässwörd\n", key_ring=ring, **HERE)
    assert open_sealed(sealed, key_ring=ring, **HERE) == "pässwörd\n"
    assert "pässwörd" not in sealed


def test_the_same_text_is_sealed_differently_each_time():
    ring = KeyRing.parse(NEW)
    assert seal("x", key_ring=ring, **HERE) != seal("x", key_ring=ring, **HERE)


def test_the_first_key_seals_and_every_key_opens():
    old, both = KeyRing.parse(OLD), KeyRing.parse(f"{NEW},{OLD}")
    sealed = seal("x", key_ring=old, **HERE)
    assert open_sealed(sealed, key_ring=both, **HERE) == "x"
    assert sealed_with(sealed) == old.sealing_key[0]
    assert sealed_with(seal("x", key_ring=both, **HERE)) == both.sealing_key[0]
    assert both.sealing_key[0] == KeyRing.parse(NEW).sealing_key[0]


def test_a_key_that_left_the_ring_opens_nothing():
    sealed = seal("x", key_ring=KeyRing.parse(OLD), **HERE)
    with pytest.raises(CannotOpen, match="not in the key ring"):
        open_sealed(sealed, key_ring=KeyRing.parse(NEW), **HERE)


@pytest.mark.parametrize(
    "elsewhere", [{"purpose": "token"}, {"bound_to": "a1b3"}, {"bound_to": ""}]
)
def test_a_sealed_text_opens_only_where_it_belongs(elsewhere):
    ring = KeyRing.parse(NEW)
    sealed = seal("x", key_ring=ring, **HERE)
    with pytest.raises(CannotOpen):
        open_sealed(sealed, key_ring=ring, **{**HERE, **elsewhere})


def test_purpose_and_place_do_not_run_into_each_other():
    ring = KeyRing.parse(NEW)
    sealed = seal("x", key_ring=ring, purpose="ab", bound_to="c")
    with pytest.raises(CannotOpen):
        open_sealed(sealed, key_ring=ring, purpose="a", bound_to="bc")


def test_every_altered_byte_is_noticed():
    ring = KeyRing.parse(NEW)
    version, identifier, body = seal("secret", key_ring=ring, **HERE).split(".")
    data = base64.urlsafe_b64decode(body)
    for at in range(len(data)):
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        text = base64.urlsafe_b64encode(altered).decode()
        with pytest.raises(CannotOpen):
            open_sealed(f"{version}.{identifier}.{text}", key_ring=ring, **HERE)


@pytest.mark.parametrize(
    "text", ["", "x", "v1.ab", "v2.{id}.AAAA", "v1.{id}.", "v1.{id}.!!", "v1.{id}.AA.B"]
)
def test_what_was_never_sealed_is_refused(text):
    ring = KeyRing.parse(NEW)
    with pytest.raises(CannotOpen):
        open_sealed(text.replace("{id}", ring.sealing_key[0]), key_ring=ring, **HERE)


@pytest.mark.parametrize("apart", [",", " ", "\n", ", "])
def test_keys_are_read_in_base64_and_hex(apart):
    raw = bytes(range(32))
    hexed = raw.hex()
    standard = base64.b64encode(b"\xff" * 32).decode()
    ring = KeyRing.parse(apart.join([hexed, standard, NEW.rstrip("=")]))
    assert list(ring.keys.values()) == [
        raw,
        b"\xff" * 32,
        base64.urlsafe_b64decode(NEW),
    ]


@pytest.mark.parametrize("text", ["", " , ", "short", "zz" * 32, "é" * 43])
def test_a_ring_that_cannot_be_used_is_refused_without_repeating_it(text):
    with pytest.raises(KeysRefused) as refusal:
        KeyRing.parse(text)
    assert not text.strip(" ,") or text not in str(refusal.value)


def test_a_ring_never_shows_its_keys():
    assert NEW not in repr(KeyRing.parse(NEW))
    assert repr(base64.urlsafe_b64decode(NEW)) not in repr(KeyRing.parse(NEW))


def test_a_fingerprint_tells_values_apart_only_with_its_key():
    """The same value gives the same fingerprint, and no other key does."""
    one = fingerprint("hunter22", b"k" * 32)
    assert one == fingerprint("hunter22", b"k" * 32)
    assert one != fingerprint("hunter23", b"k" * 32)
    assert one != fingerprint("hunter22", b"j" * 32)
    assert len(bytes.fromhex(one)) == 32
