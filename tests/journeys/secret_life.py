"""All that happens to a secret in a shop, and everything that is answered meanwhile.

It is set, rendered, shipped, changed and rolled back; it leaks in vain, is sent where
it is not taken, and meets a bug. Nothing is looked for here.
"""

import json
from typing import Any, Final
from unittest.mock import patch

from django.test import Client

from tests.canary import CORE, SECRET
from tests.journeys.callers import Answer, Caller

JSON: Final = "application/json"
SHOP: Final = "projects/shop"
PROD: Final = f"{SHOP}/targets/acme/prod"
PLACE: Final = {"tenant": "acme", "environment": "prod"}
VARIABLE: Final = {"scope": "repo", "key": "KEY", "secret": True}
FORM: Final = {"scope": "repo", "key": "KEY", "secret": "on"}
SET: Final = "/projects/shop/variables/set"
CREDENTIALS: Final = """\
apiVersion: v1
kind: Secret
metadata:
  name: credentials
stringData:
  key: "{{hq.var.KEY}}"
"""
OVERLAY: Final = {
    "kustomization.yaml": "namePrefix: more-\nresources: [a.yaml]\n",
    "a.yaml": CREDENTIALS,
}
LEAK: Final = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: leak
data:
  key: "{{hq.var.KEY}}"
"""

Callers = dict[str, Caller]


class Told:
    """All that was answered, each part with a name."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str | bytes]] = []

    def keep(self, name: str, answer: Any, *, status: int = 0) -> Any:
        """Note an answer of the API or of a page, which has *status* if one is told."""
        is_of_api = isinstance(answer, Answer)
        response = answer.response if is_of_api else answer
        content = response.getvalue()
        self.parts.append((f"{name} {response.status_code}", content))
        self.parts.append((f"headers of {name}", str(response.headers)))
        assert status in {0, response.status_code}, (name, response)
        return answer.body if is_of_api else content


def live_through(told: Told, callers: Callers) -> None:
    """Set it, use it, ship it, change it, roll it back, and let it leak in vain."""
    alice, bob = callers["alice"], callers["bob"]

    def put(value: str, *, status: int) -> None:
        answer = alice.put(f"{SHOP}/variables", **VARIABLE, value=value)
        told.keep("set", answer, status=status)

    put(SECRET, status=201)
    keyed = {"Idempotency-Key": "canary"}
    asked = json.dumps({**VARIABLE, "value": f"{SECRET}!"})
    for _ in range(2):
        again = alice._call("POST", f"{SHOP}/variables/impact", asked, JSON, **keyed)
        told.keep("impact", again, status=200)
    looking = {**FORM, "value": f"{SECRET}!", "do": "check"}
    told.keep("impact", alice.client.post(SET, looking), status=200)
    _write(told, alice, "manifests/keys", {"a.yaml": CREDENTIALS})
    _write(told, alice, "kustomize/more", OVERLAY)
    preview = told.keep("preview", alice.post(f"{PROD}/preview"), status=200)
    assert preview["rendering"]["state"] == "ready", preview
    for path in preview["diffs"].values():
        answer = alice.get(path.removeprefix("/api/v1/"))
        told.keep("preview", answer, status=200)
    first = _release(told, alice, bob, "Begin")
    put(f"{SECRET} second", status=200)
    _release(told, alice, bob, "Another")
    back = told.keep("rollback", alice.post(f"{first}/rollback", scope="full"))
    _ship(told, alice, bob, back)
    answer = alice.patch(f"{first}/evidence", riskSummary="Small.")
    told.keep("evidence", answer, status=200)
    told.keep("verify", bob.post(f"{first}/verify", note="Runs."))
    told.keep("close", alice.post(f"{first}/close"))
    for level in ("plain", "resolved", "manifest"):
        path = f"{SHOP}/compare?from=R-1&to=R-2&level={level}"
        told.keep("compare", alice.get(path), status=200)
    _write(told, alice, "manifests/leak", {"a.yaml": LEAK})
    failing = told.keep("leak", _create(alice, "Leak"), status=201)
    assert failing["rendering"]["state"] == "failed", failing
    one = f"{SHOP}/releases/{failing['number']}"
    told.keep("vote", bob.post(f"{one}/approve", digest="0" * 64), status=422)
    # And one more, which stays pending.
    put(f"{SECRET} third", status=200)


def refuse(told: Told, callers: Callers) -> None:
    """Send it where it is not taken: by whom, in what, and under what name."""
    alice, path = callers["alice"], f"{SHOP}/variables"
    wrong: list[dict[str, Any]] = [
        *({"value": f"{SECRET}{mark}"} for mark in ("\u2028", "{{hq.var.", "\0")),
        *({"value": [SECRET]}, {"value": {"a": SECRET}}),
        *({"value": SECRET, "key": "1 A"}, {"value": SECRET, "scope": "all"}),
        {"value": SECRET, "environment": "prod"},
    ]
    for body in wrong:
        told.keep("wrong", alice.put(path, **{**VARIABLE, **body}))
    for fields in ({"key": SECRET}, {"scope": SECRET}, {SECRET: SECRET}):
        # A name is repeated to whoever sent it, and kept nowhere.
        assert alice.put(path, **{**VARIABLE, "value": SECRET, **fields}).status == 422
        form = {**FORM, "value": SECRET, **fields}
        assert alice.client.post(SET, form).status_code in {412, 422}
    for caller in (callers["olga"], callers["stan"], Caller(Client())):
        told.keep("not theirs", caller.put(path, **VARIABLE, value=SECRET))
    for raw in (f'{{"value": "{SECRET}', f'"{SECRET}"', SECRET):
        told.keep("unreadable", alice._call("PUT", path, raw, JSON))
        told.keep("another kind", alice._call("PUT", path, raw, "text/plain"))
    for fields in ({"key": "1 A"}, {"scope": "all"}, {"version": "0"}):
        answer = alice.client.post(SET, {**FORM, "value": SECRET, **fields})
        told.keep("form", answer)
        assert answer.status_code in {412, 422}


def break_down(told: Told, callers: Callers) -> None:
    """Let a bug meet it, with all that its traceback could tell."""
    alice = callers["alice"]
    alice.client.raise_request_exception = False
    with patch("environments.secrets.store_secret", side_effect=ZeroDivisionError):
        body = {**VARIABLE, "value": f"{SECRET} fourth"}
        told.keep("bug", alice.put(f"{SHOP}/variables", **body), status=500)
        form = {**FORM, "key": "ANOTHER", "version": "none", "value": f"{SECRET} fifth"}
        told.keep("bug", alice.client.post(f"{SET}?{CORE}", form), status=500)
    alice.client.raise_request_exception = True


def _write(told: Told, alice: Caller, name: str, files: dict[str, str]) -> None:
    told.keep("files", alice.put(f"{PROD}/{name}", files=files), status=201)


def _create(alice: Caller, title: str) -> Answer:
    return alice.post(f"{SHOP}/releases", **PLACE, title=title)


def _release(told: Told, alice: Caller, bob: Caller, title: str) -> str:
    """Ship what is pending, and return the path of the release."""
    return _ship(told, alice, bob, told.keep("create", _create(alice, title)))


def _ship(told: Told, alice: Caller, bob: Caller, made: Any) -> str:
    one = f"{SHOP}/releases/{made['number']}"
    vote = bob.post(f"{one}/approve", digest=made["digest"], comment="Good")
    told.keep("approve", vote, status=200)
    told.keep("deploy", alice.post(f"{one}/deploy"), status=202)
    shown = told.keep("release", alice.get(one), status=200)
    assert shown["state"] == "deployed", shown
    return one
