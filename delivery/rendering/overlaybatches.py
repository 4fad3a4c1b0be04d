"""Many overlays built by few calls of Kustomize, each coming out as it does alone.

A parent kustomization, which asks for nothing itself, takes overlays that `footprints`
found apart from each other. What is printed is told apart by the names of the
resources. An overlay that is not certain to come out right is left to `kustomize`.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from delivery.rendering.footprints import Footprint, footprint, without_hash
from delivery.rendering.kustomize import (
    KustomizeRefused,
    printed_text,
    run_kustomize,
    write_file,
)
from delivery.rendering.running import Engines, EngineStopped
from environments.desired.kustomizations import WORKLOAD_FILE

MAX_OVERLAYS: Final = 64
MAX_DOCUMENTS: Final = 300
"""Of one call: what Kustomize does with references grows with their square."""

_MARKER: Final = "\n---\n"
_API_VERSION = re.compile(r"^apiVersion: ((?:[a-z0-9.-]+/)?[a-z0-9]+)$", re.MULTILINE)
_KIND = re.compile(r"^kind: ([A-Za-z0-9]+)$", re.MULTILINE)
_NAME = re.compile(
    r"^metadata:\n(?:(?:  .*)?\n)*?  name: ([A-Za-z][A-Za-z0-9.:_-]*)$", re.MULTILINE
)


@dataclass(frozen=True)
class Build:
    """An overlay that is to be built: checked files, and a workload's output."""

    files: Mapping[str, str]
    workload: str | None = None

    def all_files(self) -> dict[str, str]:
        """Give the files as they lie in the folder, by path."""
        added = {} if self.workload is None else {WORKLOAD_FILE: self.workload}
        return {**self.files, **added}


def build_together(
    builds: Sequence[Build], *, engines: Engines, deadline: float
) -> list[str | None]:
    """Print what each overlay makes of its files, or nothing: build that one alone.

    The bytes are those of `build_overlay`. Whatever fails, the others are not harmed.
    """
    printed: list[str | None] = [None] * len(builds)
    for group in _groups(builds):
        try:
            found = _built(group, engines, deadline)
        except EngineStopped:
            # Whose fault that is shows when each is built alone.
            continue
        for place, text in found.items():
            printed[place] = text
    return printed


@dataclass(frozen=True)
class _Member:
    place: int
    build: Build
    print: Footprint


@dataclass
class _Group:
    members: list[_Member]
    print: Footprint

    def takes(self, footprint: Footprint) -> bool:
        documents = self.print.documents + footprint.documents
        return (
            len(self.members) < MAX_OVERLAYS
            and documents <= MAX_DOCUMENTS
            and self.print.is_apart_from(footprint)
        )

    def add(self, member: _Member) -> None:
        self.members.append(member)
        self.print |= member.print


def _groups(builds: Sequence[Build]) -> Iterator[list[_Member]]:
    """Yield groups of overlays that are apart from each other, two or more in each."""
    groups: list[_Group] = []
    for place, build in enumerate(builds):
        found = footprint(build.all_files())
        if found is None:
            continue
        member = _Member(place, build, found)
        group = next((group for group in groups if group.takes(found)), None)
        if group is None:
            groups.append(_Group([member], found))
        else:
            group.add(member)
    return (group.members for group in groups if len(group.members) > 1)


def _built(
    members: Sequence[_Member], engines: Engines, deadline: float
) -> dict[int, str]:
    """Build a group; where it fails its halves are, until the culprit is alone."""
    if len(members) < 2:  # noqa: PLR2004
        return {}
    printed = _printed(members, engines, deadline)
    if printed is None:
        middle = len(members) // 2
        first, second = members[:middle], members[middle:]
        return _built(first, engines, deadline) | _built(second, engines, deadline)
    return _told_apart(printed, members)


def _printed(
    members: Sequence[_Member], engines: Engines, deadline: float
) -> str | None:
    with tempfile.TemporaryDirectory(dir=engines.home) as name:
        root = Path(name) / "overlays"
        folders = [f"overlay-{number}" for number in range(len(members))]
        try:
            write_file(root, "kustomization.yaml", f"resources: {folders}\n")
            for folder, member in zip(folders, members, strict=True):
                for path, text in member.build.all_files().items():
                    write_file(root / folder, path, text)
        except KustomizeRefused:
            return None
        ended = run_kustomize(root, engines, deadline)
    return None if ended.code else printed_text(ended)


def _told_apart(printed: str, members: Sequence[_Member]) -> dict[int, str]:
    """Give each overlay its documents, in order; nothing if one belongs to nobody.

    Kustomize sorts by kind, namespace and name: that of all is that of each.
    """
    owners = {name: one.place for one in members for name in one.print.names}
    found: dict[int, list[str]] = {one.place: [] for one in members}
    for text in printed.removesuffix("\n").split(_MARKER) if printed else []:
        owner = _owner(f"{text}\n", owners)
        if owner is None:
            return {}
        found[owner].append(f"{text}\n")
    return {place: "---\n".join(texts) for place, texts in found.items()}


def _owner(text: str, owners: Mapping[str, int]) -> int | None:
    api_version, kind = _API_VERSION.search(text), _KIND.search(text)
    name = _NAME.search(text)
    if not (api_version and kind and name):
        return None
    if kind[1] == "Namespace" and api_version[1] != "v1":
        # Kustomize has no one order for these.
        return None
    return owners.get(name[1], owners.get(without_hash(name[1])))
