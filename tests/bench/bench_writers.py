"""P13: how many transitions a second eight processes write, and how many one does.

Each cancels a release that waits for votes: state, request, claims and audit row in one
transaction. All are of one project, so all take the same lock and join one chain. A
lock error would end its process, and the benchmark with it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from django.conf import settings

from gitopshq.core.models import AuditEntry
from gitopshq.supervisor import valkey
from releases.models import Release, Status
from tests.bench import harness
from tests.bench.crowd import Crowd
from tests.bench.shop import size
from tests.suite import ROOT

_WRITERS = 8
_RUNS = 5
_UNIT = "transitions/s"


@harness.benchmark("P13", goal=0.5, theirs="by 1 writer", runs=_RUNS, at_least=True)
def transitions_with_audit_row_by_8_writers(work: harness.Workshop) -> harness.Pair:
    share = size(10)
    each = share * _WRITERS
    total = each * 2 * (_RUNS + 1)
    crowd = Crowd(releases=total, pending=total)
    waiting = list(
        Release.objects.filter(project=crowd.target.project).values_list(
            "pk", flat=True
        )
    )
    broker = work.stack.enter_context(valkey.server(work.folder / "valkey"))
    writers = [_Writer(broker, work.stack) for _ in range(_WRITERS)]
    for writer in writers:
        writer.hear("ready")

    def by(some: Sequence[_Writer]) -> float:
        mine = [waiting.pop() for _ in range(each)]
        began = time.perf_counter()
        for number, writer in enumerate(some):
            writer.begin(mine[number :: len(some)])
        for writer in some:
            writer.hear("done")
        took = time.perf_counter() - began
        _check(mine)
        return each / took

    def eight() -> float:
        return by(writers)

    def one() -> float:
        return by(writers[:1])

    return harness.Pair(eight, one, unit=_UNIT)


def _check(cancelled: Sequence[int]) -> None:
    """See that each was cancelled, and once."""
    rows = Release.objects.filter(pk__in=cancelled, status=Status.CANCELLED)
    audited = AuditEntry.objects.filter(
        event="release.cancelled", object_id__in=list(map(str, cancelled))
    )
    assert (rows.count(), audited.count()) == (len(cancelled), len(cancelled))


class _Writer:
    """One process that writes."""

    def __init__(self, broker: str, stack: ExitStack) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.writer"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "gitopshq.settings",
                "HQ_DATA_DIR": str(settings.DATA_DIR),
                "REDIS_URL": broker,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(self._end)

    def begin(self, releases: Sequence[int]) -> None:
        """Have these cancelled."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(releases) + "\n")
        self.process.stdin.flush()

    def hear(self, word: str) -> None:
        """Wait until the process says that."""
        assert self.process.stdout
        said = self.process.stdout.readline().strip()
        assert said == word, f"a writer ended: {self.process.wait()}"

    def _end(self) -> None:
        self.process.communicate()
