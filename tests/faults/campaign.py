"""One run: traffic, strikes at random moments, the time to settle, the verdict."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.installation import Installation
from tests.faults.strikes import KILLS, Striker
from tests.faults.traffic import Traffic

MACHINE = "machine"


@dataclass(frozen=True)
class Report:
    """What happened. ``settled`` is seconds from the last strike to the last end."""

    struck: dict[str, int]
    ended: dict[str, int]
    retried: int
    problems: list[str]
    settled: float
    median: float


def at_random(striker: Striker, kills: int, pause: float) -> Callable[[], list[str]]:
    """Return what kills so many, *pause* seconds apart in the mean."""
    kinds = [*KILLS, MACHINE]
    if striker.ground.database:
        kinds += ["database", "database"]

    def strike() -> list[str]:
        struck: list[str] = []
        while len(struck) < kills:
            time.sleep(striker.chance.uniform(0, 2 * pause))
            kind = striker.chance.choice(kinds)
            if striker.pull_the_plug() if kind == MACHINE else striker.kill(kind):
                struck.append(kind)
        return struck

    return strike


def run(ground: Installation, deploys: int, strike: Callable[[], list[str]]) -> Report:
    """Deploy so often, strike meanwhile, and say what came of it."""
    traffic = Traffic(ground.client, ground.targets, deploys)
    traffic.start()
    struck = strike()
    struck_at = time.monotonic()
    traffic.wait()
    settled = time.monotonic() - struck_at
    waits = sorted(traffic.waits) or [0.0]
    return Report(
        struck=dict(Counter(struck)),
        ended=dict(Counter(traffic.ended.values())),
        retried=traffic.retried,
        problems=[*traffic.broken, *ground.problems()],
        settled=round(settled, 1),
        median=round(waits[len(waits) // 2], 2),
    )


def chance_of(seed: int | None) -> tuple[int, random.Random]:
    """Return a seed and what it gives, so that a run can be had again."""
    seed = random.randrange(2**32) if seed is None else seed
    return seed, random.Random(seed)
