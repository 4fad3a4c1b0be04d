"""Random histories of releases, step by step beside a small model.

Developers, approvers, a deployer and a maintainer edit, release, vote, withdraw,
reject, cancel, refresh, deploy, freeze, change the policy, come and go, and time
passes. Every answer is the model's; in the end the records alone prove the history.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.governance.deeds import Deeds
from tests.governance.model import POLICY
from tests.governance.world import EXPIRY_HOURS, TENANTS

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))

SPOTS = st.integers(0, len(TENANTS) - 1)
NAMES = st.sampled_from(["a", "b", "c"])
EDITORS = st.sampled_from(["ann", "ben", "cat"])
MAKERS = st.sampled_from(["ann", "cat"])
INDEX = st.integers(0, 5)
SELECTIONS = st.none() | st.sets(NAMES | st.just(POLICY), min_size=1)

# How often each happens among 30 or so, and with what.
DEEDS: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "edit": (
        5,
        {"spot": SPOTS, "name": NAMES, "value": st.integers(1, 3), "who": EDITORS},
    ),
    "delete": (1, {"spot": SPOTS, "name": NAMES, "who": EDITORS}),
    "create": (4, {"spot": SPOTS, "only": SELECTIONS, "who": MAKERS}),
    "vote": (
        7,
        {"index": INDEX, "who": st.sampled_from(["ann", "cat", "dan", "eve", "dan"])},
    ),
    "ship": (4, {"spot": SPOTS, "who": MAKERS}),
    "deploy": (6, {"index": INDEX}),
    "refresh": (2, {"index": INDEX, "who": MAKERS}),
    "withdraw": (1, {"index": INDEX, "who": st.sampled_from(["cat", "dan", "eve"])}),
    "reject": (1, {"index": INDEX, "who": st.sampled_from(["cat", "dan"])}),
    "cancel": (1, {"index": INDEX, "who": MAKERS}),
    "freeze_or_thaw": (1, {}),
    "change_policy": (1, {"required": st.integers(1, 2)}),
    "come_or_go": (1, {"who": st.sampled_from(["dan", "eve"])}),
    "let_time_pass": (1, {"hours": st.integers(1, EXPIRY_HOURS + 1)}),
}
NEED_A_RELEASE = {"vote", "deploy", "refresh", "withdraw", "reject", "cancel"}
CHOICE = st.sampled_from(
    [deed for deed, (often, _) in DEEDS.items() for _ in range(often)]
)


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = Deeds()

    @rule(data=st.data())
    def something_happens(self, data: Any) -> None:
        deed = data.draw(CHOICE)
        if deed in NEED_A_RELEASE and not self.world.model.wishes:
            deed = "create"
        drawn = {name: data.draw(what) for name, what in DEEDS[deed][1].items()}
        getattr(self.world, deed)(**drawn)

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.close()


@pytest.fixture(autouse=True)
def _place(own_repositories: None, db: None) -> None:
    """Let no history find what another has written."""


def test_random_histories_follow_the_model() -> None:
    """Two actors or more, nobody alone, nothing stale, nothing frozen.

    S2, S10, S49, S51, S59, S60, S61, S63, S65, S84, S96, S98, S116.
    """
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=4 * SCALE,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
