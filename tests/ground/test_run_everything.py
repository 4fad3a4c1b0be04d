"""``./run up`` and ``./run demo``, on a project that is quick to start."""

import os
import signal
import socket
import time

import pytest

from gitopshq.supervisor import folder, valkey
from tests import processes
from tests.stack import PATIENCE, Stack

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("everything")]

SETTINGS = "tests.ground.tiny.settings"


@pytest.fixture
def stack(tmp_path):
    yield from made(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One that runs, for tests that only look at it."""
    for mine in made(tmp_path_factory.mktemp("running")):
        mine.start()
        yield mine


def made(place):
    mine = Stack(place / "data", DJANGO_SETTINGS_MODULE=SETTINGS)
    yield mine
    if mine.process and mine.process.poll() is None:
        mine.stop()


def group_of(stack):
    """Return the command lines of all processes in the group of *stack*."""
    return {
        process.pid: process.command
        for process in processes.running()
        if process.group == stack.process.pid
    }


def until(done):
    for _ in range(1200):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def services_of(stack):
    there = folder.running(stack.data)
    assert there
    return there


def answer_of(stack, path):
    try:
        return stack.get(path)
    except OSError:
        return None


def test_everything_runs_in_one_group_and_says_so_in_one_line(running):
    commands = " ".join(group_of(running).values())
    there = services_of(running)

    assert running.lines == [f"ready: {running.url}"]
    assert running.get("/healthz") == "ok"
    workers = ("--queues celery", "--queues chores")
    for service in ("valkey-server", "gunicorn", *workers, "beat --schedule"):
        assert service in commands
    assert there.base_url == running.url
    assert valkey.answers(there.redis_url)


def test_manage_works_beside_it_and_prints_nothing_of_its_own(running):
    shell = "from django.conf import settings as s; print(s.BASE_URL, s.REDIS_URL)"

    beside = running.manage("shell", "--no-imports", "--command", shell)

    there = services_of(running)
    assert beside == f"{running.url} {there.redis_url}\n"


def test_a_second_one_on_the_same_folder_is_refused(running):
    second = Stack(running.data, DJANGO_SETTINGS_MODULE=SETTINGS)

    refused = second.run("up")

    assert refused.returncode == 1
    assert f"already runs on {running.data} as process" in refused.stderr
    assert f"at {running.url}" in refused.stderr
    assert running.get("/healthz") == "ok"


def test_ctrl_c_reaches_the_whole_group_and_still_ends_it_in_order(stack):
    stack.start()

    os.killpg(stack.process.pid, signal.SIGINT)
    said = stack.process.communicate(timeout=PATIENCE)[1]

    assert (stack.process.returncode, said) == (0, "stopping\n")
    assert not group_of(stack)
    assert folder.running(stack.data) is None


def test_a_port_in_use_is_refused_before_anything_starts(stack):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        refused = stack.run("up")

    assert refused.returncode == 1
    assert f"port {stack.port} of 127.0.0.1 is in use" in refused.stderr
    assert not (stack.data / "logs").exists()


def test_nonsense_is_refused(stack):
    stack.environ = {**stack.environ, "PORT": "http"}

    refused = stack.run("up")

    assert refused.returncode == 1
    assert refused.stderr.endswith(
        "up: PORT is 'http': say a whole number from 1 to 65535\n"
    )


def test_what_is_killed_comes_back(stack):
    stack.start()
    broker = services_of(stack).redis_url
    web = stack.get("/master")

    os.kill(int(web), signal.SIGKILL)
    # Until they see that they are orphans, the old ones answer: as children of 1.
    until(lambda: answer_of(stack, "/master") not in {None, web, "1"})
    [pid] = [pid for pid, cmd in group_of(stack).items() if "valkey-server" in cmd]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not valkey.answers(broker))
    until(lambda: valkey.answers(broker))

    code, said = stack.stop(signal.SIGTERM)
    assert code == 0
    assert [line.partition(";")[0] for line in said.splitlines()] == [
        "web ended by signal 9",
        "valkey ended by signal 9",
        "stopping",
    ]
    assert not group_of(stack)


def test_a_killed_supervisor_takes_its_children_along_and_starts_again(stack):
    stack.start()

    stack.process.kill()
    stack.process.communicate()
    until(lambda: not group_of(stack))
    again = Stack(stack.data, DJANGO_SETTINGS_MODULE=SETTINGS)
    again.start()

    assert again.stop()[0] == 0


def test_a_start_that_fails_says_why_and_leaves_nothing(stack, tmp_path):
    stack.environ = {**stack.environ, "DJANGO_SETTINGS_MODULE": "no.such.settings"}

    refused = stack.run("up")

    assert refused.returncode == 1
    assert "up: manage.py migrate --no-input failed. The end of" in refused.stderr
    assert "No module named 'no'" in refused.stderr
    assert folder.running(stack.data) is None


@pytest.mark.parametrize("address", ["0.0.0.0", "10.1.2.3", "::"])
def test_the_demo_refuses_to_be_reached_from_elsewhere(stack, address):
    stack.environ = {**stack.environ, "HQ_BIND": address}

    refused = stack.run("demo")

    assert refused.returncode == 1
    assert f"HQ_BIND is {address}, and the demo's passwords are public" in (
        refused.stderr
    )


def test_the_demo_shows_its_logins_and_may_be_reached_when_told_so(stack):
    stack.environ = {**stack.environ, "HQ_BIND": "0.0.0.0"}

    stack.start("demo", "--public")

    assert stack.lines == ["log in as alice", f"ready: {stack.url}"]
    assert stack.stop() == (0, "stopping\n")
    assert "not for everybody" in (stack.data / "logs" / "seed.log").read_text()
