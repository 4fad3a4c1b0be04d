"""No secret in the trail, its export, what people are told, or the mail of it."""

import base64

import pytest
from django.core import mail
from django.test import Client

from delivery.models import RenderingState
from environments import actions
from environments.actions import VariablePlace
from environments.models import VariableScope
from gitopshq.core import mailing
from gitopshq.core.models import AuditEntry, Delivery, Notification
from tests import make
from tests.core.conftest import client_of

CANARY = "canary-9b1d70c2-sings"
LEAKING = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags
data:
  token: "{{hq.var.TOKEN}}"
"""


@pytest.fixture
def leaking(do, shop, prod, alice, bob, create):
    """A release whose rendering fails over a secret that would have leaked."""
    for person in (alice, bob):
        person.email = f"{person.username}@example.test"
        person.save()
    place = VariablePlace(shop, VariableScope.REPO)
    do(
        actions.set_variable,
        place,
        key="TOKEN",
        value=CANARY,
        secret=True,
        actor=alice,
        message="Set the token",
    )
    files = {"flags.yaml": LEAKING}
    do(actions.put_manifests, prod, name="flags", files=files, actor=alice)
    return create(prod)


def held(*texts):
    needles = [CANARY, base64.b64encode(CANARY.encode()).decode().rstrip("=")]
    return [text for text in texts for needle in needles if needle in text]


def test_a_secret_is_nowhere_in_the_records(do, leaking, prod, alice, bob, shop):
    """S134: a canary, after saving, rendering, refusing, telling and exporting."""
    assert leaking.rendering.state == RenderingState.FAILED
    made, secret = make.token(alice, scopes=["read"])
    client_of(alice, scopes=["read"]).post(
        f"/api/v1/projects/shop/variables?value={CANARY}", {}, format="json"
    )
    root = Client()
    root.force_login(make.user("root", is_superuser=True))
    mailing.send_due()

    exports = [
        root.get(f"/api/v1/audit?format={kind}").getvalue().decode()
        for kind in ("csv", "jsonl")
    ]
    rows = [
        repr(row)
        for model in (AuditEntry, Notification, Delivery)
        for row in model.objects.values()
    ]
    mails = [f"{sent.subject} {sent.body}" for sent in mail.outbox]

    assert AuditEntry.objects.filter(event="variable.created").exists()
    assert AuditEntry.objects.filter(event="token.scope_refused").exists()
    assert held(*exports, *rows, *mails, root.get("/audit").content.decode()) == []
    assert not [text for text in [*exports, *rows] if secret in text]
    assert made.prefix
