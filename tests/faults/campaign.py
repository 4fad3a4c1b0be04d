"""One run: traffic, strikes at random moments, the time to settle, the verdict."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.faults.installation import Installation
from tests.faults.strikes import KILLS, Striker
from tests.faults.traffic import Traffic

MACHINE = "machine"

Strike: TypeAlias = Callable[[Traffic], list[str]]
"""Strikes meanwhile, and names what it struck."""


@dataclass(frozen=True)
class Report:
    """What happened; times are in seconds.

    ``figures`` are of what was written: commits, whether linear, whether fsck is
    clean, the longest that a deploy was stuck and may be, and why attempts failed.
    ``settled`` counts from the last strike to the last end, ``median`` from an edit to
    its deploy. None of the times is a problem: other work on the machine adds to them.
    """

    struck: dict[str, int]
    deployed: int
    failed: int
    retried: int
    figures: dict[str, Any]
    settled: float
    median: float
    problems: list[str]


def at_random(striker: Striker, kills: int, pause: float) -> Strike:
    """Return what kills so often, at random points of the traffic.

    Each comes *pause* seconds in the mean after as many deploys had ended as was drawn
    for it: so all hit an installation at work, however slow the machine.
    """
    kinds = [*KILLS, MACHINE]
    if striker.ground.database:
        kinds += ["database", "database"]

    def strike(traffic: Traffic) -> list[str]:
        struck: list[str] = []
        points = sorted(striker.chance.randrange(traffic.most) for _ in range(kills))
        order: list[str] = []
        while len(struck) < kills:
            traffic.wait_for(points[len(struck)])
            time.sleep(striker.chance.uniform(0, 2 * pause))
            # In rounds, so that even a short run strikes each kind.
            order = order or striker.chance.sample(kinds, len(kinds))
            kind = order.pop()
            if striker.pull_the_plug() if kind == MACHINE else striker.kill(kind):
                struck.append(kind)
        return struck

    return strike


def run(ground: Installation, deploys: int, strike: Strike) -> Report:
    """Deploy so often, strike meanwhile, and say what came of it."""
    traffic = Traffic(ground.client, ground.targets, deploys)
    traffic.start()
    struck = strike(traffic)
    struck_at = time.monotonic()
    traffic.wait()
    settled = time.monotonic() - struck_at
    waits = sorted(traffic.waits) or [0.0]
    verdict = ground.verdict()
    deployed = [state for state in traffic.ended.values() if state == "deployed"]
    return Report(
        struck=dict(Counter(struck)),
        deployed=len(deployed),
        failed=deploys - len(deployed),
        retried=traffic.retried,
        figures=verdict.figures,
        settled=round(settled, 1),
        median=round(waits[len(waits) // 2], 2),
        problems=[*traffic.broken, *verdict.problems],
    )


def chance_of(seed: int | None) -> tuple[int, random.Random]:
    """Return a seed and what it gives, so that a run can be had again."""
    seed = random.randrange(2**32) if seed is None else seed
    return seed, random.Random(seed)
