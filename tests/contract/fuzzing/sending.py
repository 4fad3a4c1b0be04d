"""Sends requests to the API, takes back what they did, and keeps what was wrong."""

import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from random import Random
from typing import Any
from unittest.mock import patch

from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client, override_settings

from tests.contract.fuzzing import attempts, contract
from tests.contract.fuzzing.attempts import Attempt
from tests.contract.fuzzing.contract import Operation
from tests.contract.fuzzing.known import Known

HOW_OFTEN = {"nobody": 1, "viewer": 2, "editor": 4, "root": 5}
"""Callers, of whom those who may more get further."""


class Fuzz:
    """A campaign: requests by several callers, and what came of them."""

    def __init__(self, clients: Mapping[str, Client], known: Known) -> None:
        self.clients = clients
        self._jars = {
            name: client.cookies.output(attrs=[], header="")
            for name, client in clients.items()
        }
        self.known = known
        self.wrong: dict[tuple[str, str], str] = {}
        """What was wrong, once for each operation and complaint."""
        self.sent: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        """How many requests an operation did not refuse."""
        self._raised = ""

    def try_out(self, operation: Operation, *, times: int, seed: object) -> None:
        """Send so many requests of *operation*: the same ones for the same seed."""
        random = Random(f"{seed} {operation.name}")
        names, weights = list(HOW_OFTEN), list(HOW_OFTEN.values())
        for _ in range(times):
            attempt = attempts.make(operation, self.known, random)
            (name,) = random.choices(names, weights)
            self._send(attempt, name)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hear of exceptions while it lasts; nothing waits, nobody is throttled."""
        got_request_exception.connect(self._hear)
        try:
            with (
                override_settings(API_CALLS_PER_MINUTE=10**9),
                patch("delivery.rendering_requests.wait_for", _as_it_is),
            ):
                yield
        finally:
            got_request_exception.disconnect(self._hear)

    def _send(self, attempt: Attempt, name: str) -> None:
        self._raised = ""
        # An answer to a strange cookie takes the good one away.
        self.clients[name].cookies = SimpleCookie(self._jars[name])
        with transaction.atomic():
            response = self.clients[name].generic(
                attempt.method,
                attempt.url,
                attempt.raw,
                content_type=attempt.kind,
                headers=attempt.headers,
            )
            said = contract.complaint(attempt.operation, response)
            transaction.set_rollback(True)
        operation = attempt.operation
        self.sent[operation.name] += 1
        if response.status_code < 300 and attempt.method == operation.method:
            self.done[operation.name] += 1
        if said:
            told = f"{name}: {attempt}\n    {said}\n{self._raised}"
            self.wrong.setdefault((operation.name, said[:40]), told)

    def _hear(self, **_: Any) -> None:
        self._raised = traceback.format_exc(limit=-4)


def _as_it_is(rendering: Any, **_: Any) -> Any:
    return rendering
