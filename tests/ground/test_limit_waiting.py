"""A client that falls silent holds nothing of ours for good."""

import importlib
import socket
import threading

import pytest

from gitopshq.supervisor import listening, services


@pytest.fixture
def accepted():
    """Give both ends of a connection to a limited listener, ours blocking."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening.limit(listener, seconds=0.1)
        with socket.create_connection(listener.getsockname()) as client:
            ours, _ = listener.accept()
            with ours:
                # As gunicorn does before it reads.
                ours.setblocking(True)
                yield client, ours


def test_a_request_that_stops_ends_the_wait_for_it(accepted):
    client, ours = accepted
    client.sendall(b"POST /")
    assert ours.recv(100) == b"POST /"
    with pytest.raises(BlockingIOError):
        ours.recv(100)


def test_an_answer_that_nobody_takes_ends_the_wait_for_it(accepted):
    _, ours = accepted
    with pytest.raises(BlockingIOError):
        ours.sendall(bytes(64 << 20))


def test_a_client_that_goes_on_is_waited_for(accepted):
    client, ours = accepted
    threading.Timer(0.02, client.sendall, [b"late"]).start()
    assert ours.recv(100) == b"late"


def test_the_web_server_is_started_so():
    command = services.web(address="127.0.0.1", port=1).command
    config = command[command.index("--config") + 1]
    module = importlib.import_module(config.removeprefix("python:"))
    assert module.when_ready is listening.when_ready
