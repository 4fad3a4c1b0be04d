"""What a page, an answer of the API and a clone cost at that size."""

import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RUNS = 7


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in."""

    url: str
    session: str

    def look(self, path: str) -> dict[str, float]:
        """Open a page: its KB, the first time in ms, and the median of more."""
        sizes: list[int] = []

        def once() -> None:
            headers = {"Cookie": self.session}
            request = urllib.request.Request(self.url + path, headers=headers)
            with urllib.request.urlopen(request, timeout=120) as answer:
                sizes.append(len(answer.read()))

        first, usual = timed(once), timed(once, RUNS)
        return {"KB": sizes[-1] / 1024, "first ms": first, "ms": usual}


def timed(work: Callable[[], object], runs: int = 1) -> float:
    """Return the median in ms."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def clone(url: str, token: str, folder: Path) -> dict[str, float]:
    """Clone whole and shallow, and fetch when there is nothing new."""
    address = url.replace("://", f"://x:{token}@", 1)
    whole = folder / "whole"

    def git(*arguments: str | Path) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True)

    cloned = timed(lambda: git("clone", "--quiet", address, whole))
    shallow = timed(
        lambda: git("clone", "--quiet", "--depth=1", address, folder / "shallow")
    )
    listed = subprocess.check_output(
        ["git", "-C", whole, "ls-tree", "-r", "--name-only", "HEAD"]
    )
    return {
        "files": len(listed.splitlines()),
        "clone ms": cloned,
        "shallow clone ms": shallow,
        "fetch of nothing ms": timed(lambda: git("-C", whole, "fetch", "-q"), RUNS),
    }
