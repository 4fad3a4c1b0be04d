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
from tests.governance.model import POLICY, WHOLE, Model, Place

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXPIRY_HOURS = 24
TENANTS = ("acme", "globex")


class World:
    """One project in the product, and the model of it."""

    def __init__(self) -> None:
        self.clock = time_machine.travel(START, tick=True)
        self.traveller = self.clock.start()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.project = make.project()
        terms = {"required_approvals": 1, "approval_expiry_hours": EXPIRY_HOURS}
        self.environment = make.environment(self.project, "prod", **terms)
        self.targets = [make.target(self.project, tenant=t) for t in TENANTS]
        self.people: dict[str, User] = {}
        self.model = Model(len(TENANTS), required=1, expiry_hours=EXPIRY_HOURS)
        for name in ("ann", "ben", "cat"):
            self.hire(name, Role.DEVELOPER)
        for name in ("cat", "dan", "eve"):
            self.hire(name, Role.APPROVER)
            self.model.approvers.add(name)
        self.hire("dee", Role.DEPLOYER)
        self.hire("may", Role.MAINTAINER)

    def hire(self, name: str, role: Role) -> None:
        if name not in self.people:
            self.people[name] = make.user(f"{name}-{self.project.slug}")
        self.do(
            environments.grant_role,
            self.project,
            to=self.people[name],
            role=role,
            actor=None,
        )

    def do(self, action: Any, *args: Any, **kwargs: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return action(*args, **kwargs)

    def answer(self, action: Any, *args: Any, **kwargs: Any) -> tuple[str | None, Any]:
        """Return the code of the refusal, if any, and what the action gave."""
        try:
            with transaction.atomic():
                return None, self.do(action, *args, **kwargs)
        except DomainError as refusal:
            return refusal.code, None

    def wish_of(self, index: int) -> int:
        """Return the number of an open release, for index 0 of any."""
        every = sorted(self.model.wishes)
        open_ones = [number for number in every if self.model.wishes[number].is_open]
        numbers = open_ones if index and open_ones else every
        return numbers[index % len(numbers)]

    def release_of(self, number: int) -> Release:
        return fresh(Release.objects.get(project=self.project, number=number).pk)

    # What always holds

    def check(self) -> None:
        self.the_pool_is_conserved()
        self.releases_stand_where_the_model_says()
        self.what_is_deployed_is_on_main()

    def the_pool_is_conserved(self) -> None:
        """What differs is pending: claimed by one open release, or free."""
        for target, row in enumerate(self.targets):
            pool = pool_of(row)
            seen = {
                place_of(pending.change): pending.claimed_by
                and pending.claimed_by.number
                for pending in pool.rows
                if pending.change.selectable
            }
            claims = self.model.claims(target)
            assert seen == {
                place: claims.get(place) for place in self.model.pending(target)
            }

    def releases_stand_where_the_model_says(self) -> None:
        now = timezone.now()
        for number, wish in self.model.wishes.items():
            status = self.release_of(number).status
            short = len(self.model.counting(wish, now)) < self.model.needed(wish)
            if (wish.state, status) == ("approved", "pending_approval"):
                # Looked at by the clock or after an edit: it may be sent back sooner.
                assert short
                wish.state = status
            assert status == wish.state

    def what_is_deployed_is_on_main(self) -> None:
        for target, row in enumerate(self.targets):
            deployed = DeployedState.objects.filter(target=row).first()
            number = self.model.deployed_release[target]
            assert (deployed.release.number if deployed else None) == number
            if deployed:
                files = history.files_of(
                    repositories_of(self.project).main,
                    f"main:{row.tenant.slug}/{row.environment.slug}",
                )
                held = {
                    path.partition("/")[0]: int(text.split('"')[1])
                    for path, text in files.items()
                    if not path.endswith(".gitkeep")
                }
                values = dict(self.model.deployed[target])
                values.pop(POLICY)
                assert held == values

    def close(self) -> None:
        """Prove the history from its records alone, and forget all of it."""
        try:
            records = history.read(self.project.slug)
            main = repositories_of(self.project).main
            assert history.problems(records, main) == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            self.clock.stop()


def place_of(change: Any) -> Place:
    if change.carried or change.type == "environment_policy":
        return (POLICY, WHOLE)
    return (change.object, WHOLE if change.facet == "assignment" else "content")
