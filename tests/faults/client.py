"""A client of the API that tries again, as clients of a service that may fall must."""

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

UNHEARD = "concurrent_update"
"""Said as long as the same request, sent before, may still be at work."""
BUSY = {UNHEARD, "rendering_not_ready", "deploy_in_progress"}


class Refused(Exception):
    """An answer that trying again does not change."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = str(problem.get("code"))


class Unanswered(Exception):
    """Nobody answered in time."""


def pauses(patience: float) -> Iterator[float]:
    """Yield seconds to wait between tries, ever longer ones, for *patience* seconds."""
    ends_at, pause = time.monotonic() + patience, 0.3
    while time.monotonic() < ends_at:
        yield pause
        pause = min(1.5 * pause, 2.0)


@dataclass(frozen=True)
class Client:
    """Calls ``/api/v1`` with a token, each call for up to *patience* seconds."""

    url: str
    token: str
    patience: float = 300.0

    def get(self, path: str) -> Any:
        return self._until_answered("GET", path, None, "application/json")

    def put_text(self, path: str, text: str) -> Any:
        return self._until_answered("PUT", path, text.encode(), "text/yaml")

    def post(self, path: str, **body: Any) -> Any:
        """Post once, however often it takes: until it is heard, it carries one key."""
        data = json.dumps(body).encode()
        return self._until_answered("POST", path, data, "application/json")

    def _until_answered(
        self, method: str, path: str, data: bytes | None, kind: str
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        key, last = uuid.uuid4().hex, ""
        for pause in pauses(self.patience):
            request = urllib.request.Request(
                f"{self.url}/api/v1{path}",
                data,
                {**headers, "Idempotency-Key": key},
                method=method,
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                code, last = _or_refused(error)
                if code in BUSY - {UNHEARD}:
                    # A refusal is an answer, and kept for its key.
                    key = uuid.uuid4().hex
            except (OSError, http.client.HTTPException, ValueError) as broken:
                last = repr(broken)
            time.sleep(pause)
        raise Unanswered(f"{method} {path}: {last}")


def _or_refused(error: urllib.error.HTTPError) -> tuple[str, str]:
    """Return the code of what to try again after, and its text; raise what is final."""
    try:
        problem = json.loads(error.read())
    except (OSError, ValueError, http.client.HTTPException):
        problem = {}
    code = str(problem.get("code"))
    if error.code >= 500 or code in BUSY:
        return code, f"{error.code} {problem}"
    raise Refused(error.code, problem)
