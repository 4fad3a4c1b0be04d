"""People and pipelines at work: each target is edited and released, again and again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults import PROJECT, SERVICE
from tests.faults.client import Client, Refused, Unanswered, pauses

ENDED = frozenset({"deployed", "failed", "cancelled", "rolled_back"})
POLL = 0.05
"""Seconds between two looks at how far it is."""
TRIES = 5
"""How often a deploy that a fault let fail is retried, a second apart."""


def save_in_a_row(client: Client, targets: int, edits: int) -> None:
    """Save so many edits, by one person for each target, and release none of them."""

    def save(number: int) -> None:
        for edit in range(number, edits, targets):
            client.put_text(_layer_of(f"tenant-{number}"), f"replicas: {edit}\n")

    with ThreadPoolExecutor(targets) as people:
        list(people.map(save, range(targets)))


def _layer_of(tenant: str) -> str:
    layer = f"?tenant={tenant}&environment=prod"
    return f"/projects/{PROJECT}/workloads/{SERVICE}/values{layer}"


@dataclass
class Traffic:
    """Deploys to *targets*, one thread each, until *most* were begun."""

    client: Client
    targets: int
    most: int
    ended: dict[int, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    retried: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = 0
        self._threads = [
            threading.Thread(target=self._work, args=[number], daemon=True)
            for number in range(self.targets)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Wait until all is deployed, or given up."""
        for thread in self._threads:
            thread.join()

    def wait_for(self, ends: int) -> None:
        """Wait until so many deploys have ended, or there are no more to come."""
        while len(self.waits) < ends and any(
            map(threading.Thread.is_alive, self._threads)
        ):
            time.sleep(POLL)

    def _work(self, number: int) -> None:
        edit = 0
        while self._may_begin():
            edit += 1
            try:
                self._ship(f"tenant-{number}", edit)
            except (Refused, Unanswered) as broken:
                self.broken.append(f"tenant-{number}, edit {edit}: {broken}")

    def _may_begin(self) -> bool:
        with self._lock:
            self._begun += 1
            return self._begun <= self.most

    def _ship(self, tenant: str, edit: int) -> None:
        base, began = f"/projects/{PROJECT}", time.monotonic()
        # Each run of traffic saves values that no other one did.
        stamp = time.time_ns()
        values = f"replicas: {stamp}\n"
        self.client.put_text(_layer_of(tenant), values)
        title = f"{tenant}, edit {edit}, {stamp}"
        asked = {"tenant": tenant, "environment": "prod", "title": title, "notes": ""}
        number = int(self.client.post(f"{base}/releases", **asked)["number"])
        release = f"{base}/releases/{number}"
        self.client.post(f"{release}/submit")
        self.client.post(f"{release}/deploy")
        state = self._end_of(release)
        for _ in range(TRIES):
            if state != "failed":
                break
            time.sleep(1)
            self.client.post(f"{release}/retry")
            self.retried += 1
            state = self._end_of(release)
        with self._lock:
            self.ended[number] = state
            self.waits.append(time.monotonic() - began)

    def _end_of(self, release: str) -> str:
        state = ""
        for pause in pauses(self.client.patience):
            time.sleep(pause)
            if (state := self._state_of(release)) in ENDED:
                return state
        raise Unanswered(f"{release} is still {state}")

    def _state_of(self, release: str) -> str:
        return str(self.client.get(release)["state"])
