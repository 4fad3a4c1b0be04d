"""``./run bench [NAME…]``: a table, and the figures in ``var/bench.json``.

With ``--postgres`` among the names, all of it on a PostgreSQL started for that.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gitopshq import garbage
from gitopshq.supervisor import postgres
from tests.suite import clean

KEPT = ("DJANGO_SETTINGS_MODULE", "HQ_LOG_LEVEL", "HQ_BENCH_SIZE")
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    names = [given for given in arguments if given != "--postgres"]
    with ExitStack() as stack:
        url = ""
        if names != arguments:
            url = stack.enter_context(postgres.server())
        return run(names, database=url)


def run(names: list[str], *, database: str) -> int:
    """Measure the benchmarks of these *names*, or all; return the exit code."""
    os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings", HQ_LOG_LEVEL="WARNING")
    for name in set(os.environ) - set(clean(os.environ)):
        if name not in KEPT:
            del os.environ[name]
    if database:
        os.environ["DATABASE_URL"] = database
    from tests.bench import harness  # noqa: PLC0415 (benchmarks read the environment)

    known = {one.name: one for one in harness.declared()}
    garbage.keep_loaded()  # as the product's own processes do
    if unknown := [name for name in names if name not in known]:
        there = ", ".join(known) or "none"
        print(f"no benchmark {', '.join(unknown)}; there are: {there}", file=sys.stderr)
        return 2
    found = []
    for name in names or known:
        print(f"{name}: {known[name].work}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
            found.append((known[name], harness.measure(known[name], Path(folder))))
        # Now, should a later one fail.
        harness.save([outcome for _, outcome in found], ROOT / "var" / "bench.json")
    print(harness.table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
