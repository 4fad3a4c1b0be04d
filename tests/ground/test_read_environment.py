"""Reading settings from the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from gitopshq.env import env_bool, env_int, env_list, env_path, env_str, redis_url
from gitopshq.supervisor import environment, folder


def test_a_value_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("s3cret\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "key"))

    assert env_str("THING") == "s3cret"


def test_a_value_and_a_file_at_once_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "one")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match="not both"):
        env_str("THING")


def test_a_file_that_cannot_be_read_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("THING_FILE", str(tmp_path / "absent"))

    with pytest.raises(ImproperlyConfigured, match="THING_FILE cannot be read"):
        env_str("THING", "default")


@pytest.mark.parametrize("given", [None, ""])
def test_what_is_not_given_is_the_default_or_refused(monkeypatch, given):
    monkeypatch.delenv("THING", raising=False)
    if given is not None:
        monkeypatch.setenv("THING", given)

    assert env_str("THING", "default") == "default"
    with pytest.raises(ImproperlyConfigured, match="set THING or THING_FILE"):
        env_str("THING")


@pytest.mark.parametrize("given", ["yes", "1", "truth"])
def test_a_claim_is_true_or_false(monkeypatch, given):
    monkeypatch.setenv("THING", "TRUE")
    assert env_bool("THING", default=False) is True

    monkeypatch.setenv("THING", given)
    with pytest.raises(ImproperlyConfigured, match="say true or false"):
        env_bool("THING", default=False)


@pytest.mark.parametrize("given", ["0", "65536", "-1", "80.5", "x", "٣"])
def test_a_number_is_whole_and_within_bounds(monkeypatch, given):
    monkeypatch.setenv("THING", "8000")
    assert env_int("THING", 1, least=1, most=65535) == 8000

    monkeypatch.setenv("THING", given)
    with pytest.raises(ImproperlyConfigured, match="whole number from 1 to 65535"):
        env_int("THING", 1, least=1, most=65535)


def test_lists_and_paths(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "a, b,,c ")
    monkeypatch.setenv("PLACE", "~/data")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert env_list("THING") == ["a", "b", "c"]
    assert env_path("PLACE", tmp_path) == tmp_path / "data"


def test_without_a_broker_nobody_is_rung(monkeypatch, tmp_path):
    monkeypatch.delenv("REDIS_URL", raising=False)

    assert redis_url(tmp_path) == environment.NO_BROKER


def test_the_environment_names_what_runs_on_the_folder(tmp_path):
    there = folder.Running(
        1, "http://127.0.0.1:8123", "redis://there/0", "postgres://x"
    )

    with folder.held(tmp_path):
        folder.announce(tmp_path, there)
        filled = environment.complete({"HQ_DATA_DIR": str(tmp_path)})
    after = environment.complete({"HQ_DATA_DIR": str(tmp_path)})

    assert filled["HQ_BASE_URL"] == "http://127.0.0.1:8123"
    assert filled["REDIS_URL"] == "redis://there/0"
    assert filled["DATABASE_URL"] == "postgres://x"
    assert after["REDIS_URL"] == environment.NO_BROKER
    assert "DATABASE_URL" not in after


def test_given_values_win(tmp_path):
    given = {
        "HQ_DATA_DIR": str(tmp_path),
        "HQ_SECRET_KEY_FILE": "/run/secrets/key",
        "HQ_ENCRYPTION_KEYS": "mine",
        "REDIS_URL": "redis://elsewhere/3",
    }

    filled = environment.complete(given)

    assert filled.items() >= given.items()
    assert "HQ_SECRET_KEY" not in filled
    assert not (tmp_path / "secrets").exists()


def test_secrets_are_made_once_and_are_private(tmp_path):
    first = environment.complete({"HQ_DATA_DIR": str(tmp_path)})
    second = environment.complete({"HQ_DATA_DIR": str(tmp_path)})

    assert first["HQ_SECRET_KEY"] == second["HQ_SECRET_KEY"]
    assert first["HQ_ENCRYPTION_KEYS"] == second["HQ_ENCRYPTION_KEYS"]
    files = list((tmp_path / "secrets").iterdir())
    assert sorted(file.name for file in files) == ["encryption_keys", "secret_key"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
