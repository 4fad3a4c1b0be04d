"""The processes of this machine, for tests that look after those of an installation."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    group: int
    command: str


def running() -> Iterator[Process]:
    """Yield what runs now, the dead left out."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            command = (place / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if fields[0] != "Z":
            yield Process(int(place.name), int(fields[1]), int(fields[2]), command)
