"""The embedded broker."""

import subprocess

import pytest
import redis

from gitopshq.supervisor import valkey

pytestmark = pytest.mark.broker


def test_what_was_rung_survives_a_restart_at_the_same_address(tmp_path):
    with valkey.server(tmp_path) as first, redis.Redis.from_url(first) as client:
        client.rpush("jobs", "render")

    with valkey.server(tmp_path) as second, redis.Redis.from_url(second) as client:
        assert client.lrange("jobs", 0, -1) == [b"render"]

    assert first == second


def test_it_asks_for_a_password(broker_url):
    bare = f"redis://{broker_url.partition('@')[2]}"

    with (
        redis.Redis.from_url(bare) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_a_server_left_behind_is_ended_with_its_data_kept(tmp_path):
    prepared = valkey.prepare(tmp_path)
    left_behind = subprocess.Popen(prepared.command, stdout=subprocess.DEVNULL)
    while not valkey.answers(prepared.url):
        assert left_behind.poll() is None
    with redis.Redis.from_url(prepared.url) as client:
        client.rpush("jobs", "render")

    with valkey.server(tmp_path) as url, redis.Redis.from_url(url) as client:
        assert left_behind.wait(10) == 0
        assert client.lrange("jobs", 0, -1) == [b"render"]


def test_another_process_with_the_id_of_the_pid_file_is_left_alone(tmp_path):
    with subprocess.Popen(["sleep", "60"]) as somebody:
        (tmp_path / "valkey.pid").write_text(str(somebody.pid))

        valkey.end_leftover(tmp_path)

        assert somebody.poll() is None
        somebody.kill()
