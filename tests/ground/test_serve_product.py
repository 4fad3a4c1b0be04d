"""The product itself, started as people start it."""

import http.client
import json

import pytest

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("stack")]


def test_it_serves_pages_and_static_files(running_stack):
    page = running_stack.get("/accounts/login/")

    assert 'name="login"' in page
    assert running_stack.get("/healthz") == "ok\n"
    assert set(json.loads(running_stack.get("/readyz")).values()) == {"ok"}
    assert json.loads(running_stack.get("/version"))["version"]


def test_nothing_of_it_fell_and_was_started_again(running_stack):
    for name in ("web", "worker", "chores", "beat", "valkey"):
        log = (running_stack.data / "logs" / f"{name}.log").read_text()
        assert "Traceback" not in log


def test_commands_reach_its_database(running_stack):
    made = running_stack.run(
        *("manage", "create_user", "nora", "--password-stdin"),
        text="a long enough passphrase\n",
    )
    assert made.returncode == 0, made.stderr

    token = running_stack.manage(
        "create_token", "nora", "--name", "ci", "--scope", "read"
    )

    assert token.startswith("gohq_")
    assert token.count("\n") == 1


@pytest.mark.parametrize("encoding", ["length", "chunks"])
def test_who_sends_far_too_much_still_reads_why_not(running_stack, encoding):
    """The answer comes after the body, not instead of it: no broken pipe."""
    body = b" " * (12 * 2**20)
    caller = http.client.HTTPConnection("127.0.0.1", running_stack.port, timeout=60)
    sent = iter([body]) if encoding == "chunks" else body
    headers = {"Connection": "close", "Content-Type": "application/json"}

    caller.request("POST", "/api/v1/projects", sent, headers)

    answer = caller.getresponse()
    assert answer.status == (401 if encoding == "chunks" else 413)
    assert json.loads(answer.read())["status"] == answer.status
    caller.close()
