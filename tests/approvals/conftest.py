"""A question about nothing in particular, and the people who answer it.

Approvals know no release: here the subject is a chart, and what is told of it is in
the hands of the test.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from approvals import actions, approvable
from approvals.approvable import Approvable, Facts
from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from environments.models import Chart, Environment, Project
from environments.permissions import Permission, Role
from gitopshq.core.models import User
from tests import make

SHOWN = "a" * 64
"""The digest of what the test shows to voters."""


@dataclass
class Subject:
    """What is asked about: its facts, and what became of it."""

    chart: Chart
    facts: Facts
    refusal: Exception | None = None
    outcomes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def request(self) -> ApprovalRequest:
        """The request as it is in the database."""
        found = request_for(self.chart)
        assert found is not None
        return found

    def now(self, **facts: Any) -> None:
        """Let the subject be another one from now on, and refresh its request."""
        self.facts = replace(self.facts, **facts)
        actions.refresh_request(self.chart, actor=None)

    def check_ready(self, chart: Chart) -> None:
        if self.refusal is not None:
            raise self.refusal

    def grant(self, chart: Chart, /, *, actor: User | None, note: str) -> None:
        self.outcomes.append(("granted", actor.username if actor else "system"))

    def refuse(self, chart: Chart, /, *, actor: User | None, note: str) -> None:
        self.outcomes.append(("refused", note))


@pytest.fixture
def production(shop: Project) -> Environment:
    return make.environment(shop, "prod", required_approvals=2)


@pytest.fixture
def ana(production: Environment) -> User:
    """Asks."""
    return make.user("ana", role=Role.DEVELOPER, on=production)


@pytest.fixture
def subject(production: Environment, ana: User) -> Iterator[Subject]:
    """Two people must agree to it; it is asked already."""
    facts = Facts(
        kind="release",
        environment=production,
        requester=ana,
        digest=SHOWN,
        required=2,
        expiry_hours=None,
        blocks_self_approval=True,
        barred={ana.pk: "made this release"},
        shown={
            "title": "R-7 More replicas",
            "target": "acme/prod",
            "url": "/projects/shop/releases/7",
            "summary": {"workload": 2, "hq_variable": 1},
        },
    )
    made = Subject(Chart.objects.create(name="subject"), facts)
    approvable.register(
        Approvable(
            model=Chart,
            permission=Permission.APPROVE_RELEASE,
            template="",
            facts=lambda _: made.facts,
            check_ready=made.check_ready,
            grant=made.grant,
            refuse=made.refuse,
        )
    )
    actions.open_request(made.chart, actor=ana)
    yield made
    del approvable._approvables[Chart]
