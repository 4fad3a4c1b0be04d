"""Kustomize on the files of one binding, by ``kubectl kustomize``.

What an overlay may ask for is decided before this runs, in
`environments.desired.kustomizations`.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from delivery.rendering.running import EngineExit, Engines
from environments.desired.kustomizations import WORKLOAD_FILE

_MAX_MESSAGE: Final = 2000
_LINE = re.compile(r"\b(?:yaml: )?line (\d+):")


class KustomizeRefused(Exception):
    """Kustomize printed an error; ``path`` is the file of the binding it is about."""

    def __init__(self, message: str, path: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line


def build_overlay(
    files: Mapping[str, str],
    workload: str | None,
    *,
    engines: Engines,
    deadline: float,
) -> str:
    """Print what an overlay makes of its files, and of a workload's output.

    ``files`` are checked and have their variables put in.

    :raises KustomizeRefused: the overlay does not build.
    :raises EngineStopped: it took more than it may.
    """
    with tempfile.TemporaryDirectory(dir=engines.home) as name:
        root = Path(name) / "overlay"
        for path, text in files.items():
            write_file(root, path, text)
        if workload is not None:
            write_file(root, WORKLOAD_FILE, workload)
        ended = run_kustomize(root, engines, deadline)
        if ended.code:
            raise _refusal(ended.stderr, str(root), files)
    return printed_text(ended)


def run_kustomize(root: Path, engines: Engines, deadline: float) -> EngineExit:
    """Build a folder.

    :raises EngineStopped: it took more than it may.
    """
    command = [str(engines.kubectl), "kustomize", str(root)]
    return engines.run(command, folder=root, deadline=deadline)


def printed_text(ended: EngineExit) -> str:
    """Give what Kustomize printed."""
    return ended.stdout.decode("utf-8", "replace")


def write_file(root: Path, path: str, text: str) -> None:
    """Write a file of an overlay below its folder.

    :raises KustomizeRefused: its path leads elsewhere.
    """
    place = root / path
    if not place.resolve().is_relative_to(root.resolve()):
        raise KustomizeRefused("the file leaves the overlay", path, None)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _refusal(printed: str, root: str, files: Mapping[str, str]) -> KustomizeRefused:
    text = printed.replace(f"{root}/", "").replace(root, "the overlay")
    message = " ".join(text.split()).removeprefix("error: ")[:_MAX_MESSAGE]
    named = [path for path in files if re.search(_as_word(path), message)]
    named.sort(key=message.rfind)
    line = _LINE.search(message) if named else None
    return KustomizeRefused(
        message, named[-1] if named else "", int(line[1]) if line else None
    )


def _as_word(path: str) -> str:
    return rf"(?<![\w./-]){re.escape(path)}(?![\w/-])"
