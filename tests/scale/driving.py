"""Releases and deploys of many targets, by several clients at once."""

import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.faults.client import Client, Refused, Unanswered
from tests.scale import PROJECT

_POLL = 0.2
_ENDED = frozenset({"deployed", "failed", "cancelled"})


@dataclass
class Deploys:
    """What became of them. ``waits`` are seconds from asking to deployed, each."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """Return the figures."""
        waits = self.waits or [0.0]
        return {
            "deployed": len(self.waits),
            "failed": len(self.troubles),
            "per minute": round(60 * len(self.waits) / max(self.seconds, 0.001), 1),
            "median seconds": round(median(waits), 2),
            "p95 seconds": round(quantiles([*waits, *waits], n=20)[18], 2),
            "troubles": self.troubles[:5],
        }


def deploy(
    client: Client, targets: Iterable[tuple[str, str]], *, drivers: int, title: str
) -> Deploys:
    """Release and deploy each of *targets*, tenant and environment, once."""
    waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for target in targets:
        waiting.put(target)
    done, began = Deploys(), time.monotonic()

    def work() -> None:
        while True:
            try:
                target = waiting.get_nowait()
            except queue.Empty:
                return
            started = time.monotonic()
            try:
                _ship(client, *target, title=title)
            except (Refused, Unanswered) as trouble:
                done.troubles.append(f"{'/'.join(target)}: {trouble}")
            else:
                done.waits.append(time.monotonic() - started)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(drivers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.seconds = time.monotonic() - began
    return done


def _ship(client: Client, tenant: str, environment: str, *, title: str) -> None:
    asked = {"tenant": tenant, "environment": environment, "title": title, "notes": ""}
    number = client.post(f"/projects/{PROJECT}/releases", **asked)["number"]
    release = f"/projects/{PROJECT}/releases/{number}"
    client.post(f"{release}/submit")
    client.post(f"{release}/deploy")
    ends_at = time.monotonic() + client.patience
    while (state := client.get(release)["state"]) not in _ENDED:
        if time.monotonic() > ends_at:
            raise Unanswered(f"{release} is still {state}")
        time.sleep(_POLL)
    if state != "deployed":
        raise Unanswered(f"{release} is {state}")
