"""``python -m tests.faults``: deaths and deploys by the hundred, then the verdict.

It ends with 1 where something is wrong, or a deploy was stuck for longer than it may.
The suite kills the same way, beside its tests: there nobody can say how long it takes.
"""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gitopshq.supervisor import postgres
from tests.faults import campaign
from tests.faults.installation import Installation
from tests.faults.strikes import Striker
from tests.faults.traffic import save_in_a_row
from tests.suite import compiling, in_memory


def main() -> int:
    asked = _asked()
    seed, chance = campaign.chance_of(asked.seed)
    with ExitStack() as stack:
        place = tempfile.TemporaryDirectory(prefix="hq-faults-", dir=in_memory())
        memory = Path(stack.enter_context(place))
        os.environ.update(compiling(os.environ, memory))
        folder = asked.folder or memory / "data"
        database = stack.enter_context(postgres.server()) if asked.postgres else ""
        ground = Installation(folder, asked.targets, asked.lease, database)
        ground.start()
        stack.callback(ground.stop)
        ground.add_workers(asked.helpers)
        save_in_a_row(ground.client, asked.targets, asked.edits)
        striker = Striker(ground, chance)
        strike = campaign.at_random(striker, asked.kills, asked.pause)
        report = campaign.run(ground, asked.deploys, strike)
    print(json.dumps({"seed": seed, **dataclasses.asdict(report)}, indent=2))
    figures = report.figures
    is_late = figures["stuck_longest"] > figures["stuck_allowed"]
    return 1 if report.problems or is_late else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--deploys", type=int, default=1000)
    parser.add_argument("--targets", type=int, default=16, help="deployed to at once")
    parser.add_argument("--edits", type=int, default=0, help="saved in a row before")
    parser.add_argument("--pause", type=float, default=0.5, help="after a deploy's end")
    parser.add_argument("--helpers", type=int, default=0, help="workers more than two")
    parser.add_argument("--lease", type=float, help="seconds, instead of the minute")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--folder", type=Path, help="an empty one, to keep")
    parser.add_argument("--postgres", action="store_true", help="and kill it too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
