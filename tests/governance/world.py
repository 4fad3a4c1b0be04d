"""The product beside the model: each deed is done in both, and the answers compared."""

from datetime import UTC, datetime
from typing import Any

import time_machine
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from delivery.repositories import repositories_of
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.errors import DomainError
from gitopshq.core.models import User
from releases.locking import fresh
from releases.models import DeployedState, Release
from releases.pending import pool_of
from tests import make
from tests.governance import history
from tests.governance.records import read
from tests.governance.rules import EXPIRY, Rules
from tests.governance.wishes import (
    CARRIED,
    CONTENT,
    FACTS,
    MODE,
    POLICY,
    SERVICE,
    WHOLE,
    Place,
    Terms,
    Wish,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TENANTS = ("acme", "globex")
ROLES = {
    "ann": (Role.DEVELOPER,),
    "ben": (Role.DEVELOPER,),
    "cat": (Role.DEVELOPER, Role.APPROVER),
    "dan": (Role.APPROVER,),
    "eve": (Role.APPROVER,),
    "dee": (Role.DEPLOYER,),
    "may": (Role.MAINTAINER,),
    "max": (Role.MAINTAINER,),
}


class World:
    """One project in the product, and the model of it."""

    def __init__(self) -> None:
        self.clock = time_machine.travel(START, tick=True)
        self.traveller = self.clock.start()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.project = make.project()
        hours = int(EXPIRY.total_seconds()) // 3600
        terms = {"required_approvals": 1, "approval_expiry_hours": hours}
        self.environment = make.environment(self.project, "prod", **terms)
        self.targets = [make.target(self.project, tenant=t) for t in TENANTS]
        self.service = make.workload(self.project, SERVICE)
        self.people: dict[str, User] = {}
        self.model = Rules(len(TENANTS), Terms(1))
        self.looked_at: list[int | None] = [None] * len(TENANTS)
        for name in ROLES:
            self.people[name] = make.user(f"{name}-{self.project.slug}")
            self.hire(name)

    def hire(self, name: str) -> None:
        for role in ROLES[name]:
            who = self.people[name]
            self.do(
                environments.grant_role, self.project, to=who, role=role, actor=None
            )
        self.model.roles[name] = {*ROLES[name]}

    def do(self, action: Any, *args: Any, later: bool = False, **kwargs: Any) -> Any:
        """Do it, and what it rings for; *later*: the workers are busy elsewhere."""
        with TestCase.captureOnCommitCallbacks(execute=not later):
            return action(*args, **kwargs)

    def answer(self, action: Any, *args: Any, **kwargs: Any) -> tuple[str | None, Any]:
        """Return the code of the refusal, if any, and what the action gave."""
        try:
            with transaction.atomic():
                return None, self.do(action, *args, **kwargs)
        except DomainError as refusal:
            return refusal.code, None

    def wish_of(self, index: int, *states: str) -> Wish:
        """Return a release in one of *states*, else an open one; of all for index 0."""
        every = [self.model.wishes[number] for number in sorted(self.model.wishes)]
        wanted = [wish for wish in every if wish.state in states]
        found = wanted or [wish for wish in every if wish.is_open]
        some = found if index and found else every
        return some[index % len(some)]

    def release_of(self, wish: Wish) -> Release:
        return fresh(Release.objects.get(project=self.project, number=wish.number).pk)

    # What always holds

    def check(self) -> None:
        self.the_pool_is_conserved()
        self.releases_stand_where_the_model_says()
        self.what_is_deployed_is_on_main()

    def the_pool_is_conserved(self) -> None:
        """What differs is pending: claimed by one open release, held, or free."""
        for target, row in enumerate(self.targets):
            seen = {
                place_of(pending.change): (
                    pending.claimed_by and pending.claimed_by.number,
                    pending.held_by and pending.held_by.number,
                )
                for pending in pool_of(row).rows
                if pending.change.selectable
            }
            claims, held = self.model.claims(target), self.model.held(target)
            assert seen == {
                place: (claims.get(place), held.get(place))
                for place in self.model.pending(target)
            }

    def releases_stand_where_the_model_says(self) -> None:
        now = timezone.now()
        rows = Release.objects.filter(project=self.project)
        stand = {
            number: (status, failure)
            for number, status, failure in rows.values_list(
                "number", "status", "failure_type"
            )
        }
        for number, wish in self.model.wishes.items():
            status, _ = stand[number]
            if (wish.state, status) == ("approved", "pending_approval"):
                # Looked at by the clock or after an edit: it may be sent back sooner.
                assert self.model.is_short(wish, now)
                wish.state = status
        assert stand == {
            number: (wish.state, wish.failure if wish.state == "failed" else "")
            for number, wish in self.model.wishes.items()
        }

    def what_is_deployed_is_on_main(self) -> None:
        for target, row in enumerate(self.targets):
            deployed = DeployedState.objects.filter(target=row).first()
            number = self.model.deployed_release[target]
            assert (deployed.release.number if deployed else None) == number
            if number != self.looked_at[target]:
                self.looked_at[target] = number
                files = history.files_of(
                    repositories_of(self.project).main,
                    f"main:{row.tenant.slug}/{row.environment.slug}",
                )
                held = {
                    path.partition("/")[0]: int(text.split('"')[1])
                    for path, text in files.items()
                    if not path.endswith(".gitkeep")
                }
                values = self.model.deployed[target].items()
                assert held == {k: v for k, v in values if k not in CARRIED}

    def close(self) -> None:
        """Prove the history from its records alone, and forget all of it."""
        try:
            records = read(self.project.slug)
            main = repositories_of(self.project).main
            assert history.problems(records, main) == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            self.clock.stop()


def place_of(change: Any) -> Place:
    if change.type == "environment_policy":
        return (MODE if change.facet == "deploy_mode" else POLICY, WHOLE)
    if change.facet == "target":
        return (FACTS, WHOLE)
    return (change.object, WHOLE if change.facet == "assignment" else CONTENT)
