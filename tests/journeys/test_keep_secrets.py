"""A canary lives through everything, and is then looked for everywhere.

A secret may stand in two places only: sealed in its row, and, where a project chose
that on the record, in the ``Secret`` that was rendered of it.
"""

import copy
import io
import json
import logging
from datetime import timedelta

import pytest
from celery.signals import task_prerun
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from structlog.stdlib import ProcessorFormatter

from delivery.repositories import repositories_of
from environments import actions
from environments.actions.freezes import WindowTerms
from environments.models import SecretValue
from environments.permissions import Role
from tests import canary, make
from tests.canary import leaking, leaks
from tests.journeys.callers import signed_in
from tests.journeys.reading_all import read_the_api, read_the_pages
from tests.journeys.secret_life import Told, break_down, live_through, refuse

pytestmark = pytest.mark.django_db(transaction=True)

SHOP_PAGE = "/projects/shop"


@pytest.fixture
def shop(transactional_db):
    shop = make.project("shop")
    actions.update_project(shop, secrets_in_git="plain", actor=None)
    make.environment(shop, "prod", required_approvals=1)
    make.workload(shop, "web", on=[make.target(shop)])
    return shop


@pytest.fixture
def people(shop):
    """Alice makes and deploys, bob approves, olga looks on, root runs it all."""
    mailed = {"email": "somebody@example.test"}
    found = {
        "alice": make.user("alice", role=Role.MAINTAINER, on=shop, **mailed),
        "bob": make.user("bob", role=Role.APPROVER, on=shop, **mailed),
        "olga": make.user("olga", role=Role.VIEWER, on=shop),
        "stan": make.user("stan"),
        "root": make.user("root", is_staff=True, is_superuser=True),
    }
    for person in found.values():
        make.token(person)
    start = timezone.now() + timedelta(days=9)
    end = start + timedelta(hours=1)
    terms = WindowTerms(starts_at=start, ends_at=end, reason="Sale")
    actions.add_freeze_window(shop, terms=terms, actor=found["alice"])
    return found


@pytest.fixture
def tasks(shop):
    """What stood in the broker: every task with its arguments, as they are sent."""
    sent = []

    def note(task, args, kwargs, **_):
        sent.append((task.name, json.dumps([args, kwargs])))

    task_prerun.connect(note)
    yield sent
    task_prerun.disconnect(note)


@pytest.fixture
def written():
    """The log of the product, in full and as the product writes it."""
    root = logging.getLogger()
    (formatter,) = (
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )
    log, level = io.StringIO(), root.level
    handler = logging.StreamHandler(log)
    handler.setFormatter(copy.copy(formatter))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.setLevel(level)
    root.removeHandler(handler)


def test_it_stands_where_it_may_and_nowhere_else(
    shop, people, tasks, written, capfd, folder
):
    """S134: through edit, release, rollback, refusals, a bug, and every way to read."""
    callers = {name: signed_in(person) for name, person in people.items()}
    told, printed = Told(), io.StringIO()

    live_through(told, callers)
    refuse(told, callers)
    break_down(told, callers)
    alice, *others = callers.values()
    read_the_api(shop, [*people.values()], by=alice, others=others, keep=told.keep)
    first = ["/", *(f"{SHOP_PAGE}/releases/{number}" for number in range(1, 5))]
    seen = read_the_pages(callers["root"], [*first, "/admin/"], told.keep)
    seen |= read_the_pages(alice, [*first, f"{SHOP_PAGE}/variables"], told.keep)
    for command in ("fsck", "verify_audit"):
        call_command(command, stdout=printed, stderr=printed)
    call_command("backup", str(folder / "backup"), stdout=printed, stderr=printed)

    # Or the test looks at nothing.
    assert SecretValue.objects.count() == 3
    assert seen >= {"/admin/environments/secretvalue/", f"{SHOP_PAGE}/acme/prod"}
    assert len(mail.outbox) >= 2
    assert {name for name, _ in tasks} >= {"delivery.render", "core.send_deliveries"}
    assert "ZeroDivisionError" in written.getvalue()
    assert len(list(canary.database())) > 1000
    # Where it may stand: in the Secret that was rendered of it.
    places = repositories_of(shop)
    for path in (places.main, places.renderings):
        saved = folder / "backup" / path.relative_to(folder)
        assert canary.kinds_that_hold_it(path) == {"Secret"}
        assert canary.kinds_that_hold_it(saved) == {"Secret"}
    # And where it may not.
    assert leaks(canary.branch(places.source, "source")) == []
    assert leaking(canary.database()) == []
    assert leaking(told.parts) == []
    assert leaking(tasks) == []
    assert leaking(canary.cached()) == []
    mails = [(sent.subject, sent.message().as_string()) for sent in mail.outbox]
    assert leaking(mails) == []
    said = "".join(capfd.readouterr())
    assert leaks(written.getvalue() + printed.getvalue() + said) == []
    assert leaking(canary.folder(folder)) == []
