"""Random histories of releases, step by step beside a small model.

Developers, approvers, a deployer and maintainers edit, discard, release, vote,
withdraw, reject, cancel, refresh, recreate, deploy, retry, roll back, freeze, break
the glass, change the policy, come and go; workers are late or die, and time passes.
Every answer is the model's; in the end the records alone prove the history.
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
from tests.governance.wishes import MODE, POLICY, SERVICE
from tests.governance.world import TENANTS

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))

SPOTS = st.integers(0, len(TENANTS) - 1)
NAMES = st.sampled_from(["a", "b", SERVICE])
PLACES = NAMES | st.sampled_from([POLICY, MODE])
EDITORS = st.sampled_from(["ann", "ben", "cat"])
MAKERS = st.sampled_from(["ann", "ann", "cat", "may"])
VOTERS = st.sampled_from(["dan", "eve", "dan", "eve", "cat", "max", "ann"])
SENDERS = st.sampled_from(["dee", "dee", "dee", "max", "may", "ann"])
BREAKERS = st.sampled_from(["may", "max", "may", "max", "cat"])
INDEX = st.integers(0, 5)
TERMS = st.one_of(
    st.tuples(st.just("required_approvals"), st.integers(1, 2)),
    st.tuples(st.just("block_self_approval"), st.booleans()),
    st.tuples(st.just("block_self_deploy"), st.booleans()),
    st.tuples(st.just("deploy_mode"), st.sampled_from(["auto", "manual"])),
)

# How often each happens among 60 or so, and with what.
DEEDS: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "edit": (
        7,
        {"spot": SPOTS, "name": NAMES, "value": st.integers(1, 3), "who": EDITORS},
    ),
    "delete": (1, {"spot": SPOTS, "name": NAMES, "who": EDITORS}),
    "discard": (
        2,
        {"spot": SPOTS, "name": PLACES, "who": st.sampled_from(["ann", "cat", "may"])},
    ),
    "create": (
        4,
        {
            "spot": SPOTS,
            "only": st.none() | st.sets(PLACES, min_size=1),
            "who": MAKERS,
        },
    ),
    "edit_and_ship": (
        9,
        {"spot": SPOTS, "name": NAMES, "value": st.integers(1, 3), "who": MAKERS},
    ),
    "go_back": (
        6,
        {"spot": SPOTS, "index": INDEX, "service": st.booleans(), "who": MAKERS},
    ),
    "go_through_a_freeze": (
        3,
        {"spot": SPOTS, "value": st.integers(1, 3), "who": MAKERS},
    ),
    "roll_back": (2, {"index": INDEX, "service": st.booleans(), "who": MAKERS}),
    "vote": (7, {"index": INDEX, "who": VOTERS}),
    "conclude": (1, {"index": INDEX, "who": VOTERS}),
    "withdraw": (1, {"index": INDEX, "who": VOTERS}),
    "reject": (1, {"index": INDEX, "who": VOTERS}),
    "ship": (2, {"spot": SPOTS, "who": MAKERS}),
    "deploy": (4, {"index": INDEX, "who": SENDERS}),
    "press": (2, {"index": INDEX, "who": SENDERS}),
    "work": (2, {"index": INDEX}),
    "lose_workers": (1, {"index": INDEX}),
    "retry": (2, {"index": INDEX, "who": SENDERS}),
    "recreate": (1, {"index": INDEX, "who": MAKERS}),
    "refresh": (2, {"index": INDEX, "who": MAKERS | st.just("dee")}),
    "cancel": (1, {"index": INDEX, "who": MAKERS}),
    "freeze_or_thaw": (2, {"hours": st.none() | st.integers(1, 3)}),
    "add_window": (
        1,
        {
            "spot": st.none() | SPOTS,
            "minutes": st.sampled_from([-30, 30, 300]),
            "hours": st.integers(1, 5),
            "daily": st.booleans(),
            "wide": st.booleans(),
        },
    ),
    "end_window": (1, {"index": INDEX}),
    "ask_to_break": (3, {"index": INDEX, "who": BREAKERS}),
    "confirm_the_break": (3, {"index": INDEX, "who": BREAKERS}),
    "change_policy": (3, {"terms": TERMS}),
    "come_or_go": (2, {"who": st.sampled_from(["dan", "eve", "dee", "max"])}),
    "let_time_pass": (2, {"minutes": st.sampled_from([20, 61, 300, 1380, 1500])}),
}
NEED_A_RELEASE = {name for name, (_, drawn) in DEEDS.items() if "index" in drawn}
NEED_A_RELEASE -= {"end_window"}
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
            deed = "edit_and_ship"
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

    S2, S10, S17, S18, S49, S51, S59, S60, S61, S63, S65, S66, S76, S84, S96, S98,
    S116, S120.
    """
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=4 * SCALE,
            stateful_step_count=24,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
