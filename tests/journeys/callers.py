"""Who calls the API in a journey: people by their session, programs by a token."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from gitopshq.core.models import User

API = "/api/v1"
PROBLEM = "application/problem+json"
FIELDS_OF_A_PROBLEM = {"type", "title", "status", "detail", "code", "requestId"}


@dataclass(frozen=True)
class Answer:
    """What came back: an object, or a text in its own format."""

    status: int
    body: Any
    response: HttpResponseBase

    @property
    def code(self) -> str:
        """The code of a refusal, which must be a whole problem document."""
        kind = self.response.headers["Content-Type"]
        assert kind == PROBLEM, (kind, self.body)
        assert self.body.keys() >= FIELDS_OF_A_PROBLEM
        assert self.body["status"] == self.status
        return str(self.body["code"])


class Caller:
    """One caller. Paths are relative to ``/api/v1/``."""

    def __init__(self, client: Client, headers: dict[str, str] | None = None) -> None:
        self.client = client
        self.headers = headers or {}

    def get(self, path: str, *, accept: str = "application/json") -> Answer:
        return self._call("GET", path, Accept=accept)

    def post(self, path: str, **body: Any) -> Answer:
        return self._call("POST", path, json.dumps(body), "application/json")

    def put(self, path: str, **body: Any) -> Answer:
        return self._call("PUT", path, json.dumps(body), "application/json")

    def patch(self, path: str, **body: Any) -> Answer:
        return self._call("PATCH", path, json.dumps(body), "application/json")

    def delete(self, path: str) -> Answer:
        return self._call("DELETE", path)

    def put_text(self, path: str, text: str) -> Answer:
        return self._call("PUT", path, text, "text/yaml")

    def post_file(self, path: str, file: Any) -> Answer:
        response = self.client.post(
            f"{API}/{path}", {"file": file}, headers=self._all_headers()
        )
        return _answer(response)

    def _call(
        self, method: str, path: str, body: str = "", kind: str = "", **headers: str
    ) -> Answer:
        response = self.client.generic(
            method,
            f"{API}/{path}",
            body,
            content_type=kind or "application/octet-stream",
            headers={**self._all_headers(), **headers},
        )
        return _answer(response)

    def _all_headers(self) -> dict[str, str]:
        cookie = self.client.cookies.get("csrftoken")
        # The token is asked for wherever a cookie says who calls.
        proof = {"X-CSRFToken": cookie.value} if cookie else {}
        return {**self.headers, **proof}


def person(name: str, password: str = "") -> Caller:
    """Log in at the page where people do."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    response = client.post(
        "/accounts/login/",
        {
            "login": name,
            "password": password or f"{name}-demo",
            "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
        },
    )
    assert response.status_code == 302, response.content
    return Caller(client)


def signed_in(person: User) -> Caller:
    """Call as somebody who has logged in already."""
    client = Client()
    client.force_login(person)
    return Caller(client)


def program(secret: str) -> Caller:
    """Call with a token."""
    client = Client(enforce_csrf_checks=True)
    return Caller(client, {"Authorization": f"Bearer {secret}"})


def _answer(response: Any) -> Answer:
    content = b"".join(response) if response.streaming else response.content
    is_json = "json" in response.headers.get("Content-Type", "")
    body = json.loads(content) if is_json else content.decode()
    return Answer(response.status_code, body, response)
