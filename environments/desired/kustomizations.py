"""What an overlay may ask of Kustomize: an allow-list, checked before it is called.

Kustomize dials whatever looks like an address, so each path must be a file or folder of
the binding itself. What no variable can mend is refused when it is saved already. What
the overlay then does to resources is Kustomize's to say.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import yaml

from environments.desired.placeholders import MASKED, mask
from environments.desired.yamlreading import NotYaml, line_of, read_events
from environments.desired.yamltrees import Tree, read_tree, read_trees

KUSTOMIZATION_NAMES: Final = (
    "kustomization.yaml",
    "kustomization.yml",
    "Kustomization",
)
WORKLOAD_FILE: Final = "workload.yaml"
"""The workload's Helm output in the build folder of an attached overlay."""

_PLAIN: Final = frozenset(
    {
        *("apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix"),
        *("labels", "commonLabels", "commonAnnotations", "images", "replicas"),
        *("generatorOptions", "vars", "sortOptions", "buildMetadata"),
    }
)
_PATH_LISTS: Final = frozenset(
    {"resources", "components", "bases", "crds", "configurations"}
)
_PATCHES: Final = frozenset({"patches", "patchesJson6902", "replacements"})
_GENERATORS: Final = frozenset({"configMapGenerator", "secretGenerator"})
_LOCAL = re.compile(r"(?:\.{1,2}/)*[A-Za-z0-9_.-][A-Za-z0-9_./ -]*|\.{1,2}")
_REMOTE = re.compile(
    r"://|::|@|\?|//|\.git(?:/|$)|_git/|^(?:git|gh|github|www)(?:\.[a-z]+)?[:/]"
    r"|^(?:\./)?(?:github|gitlab|bitbucket)\.[a-z]+/",
    re.IGNORECASE,
)
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/.")
_NEVER: Final = frozenset({"remote_base", "outside_root", "field_not_allowed"})
_WORDS: Final = {
    "helmCharts": "Helm charts inside an overlay are not inflated; use a workload",
    "helmChartInflationGenerator": "Helm charts are not inflated; use a workload",
    "generators": "plugins are not run",
    "transformers": "plugins are not run",
    "validators": "plugins are not run",
}


@dataclass(frozen=True)
class Finding:
    """Something an overlay may not do; ``path`` is the file that asks for it."""

    path: str
    message: str
    reason: str
    line: int | None = None


def check_overlay(files: Mapping[str, str], *, attached: bool) -> list[Finding]:
    """Check all files of a binding, by path, with the variables put in.

    ``attached`` says that the workload's output lies beside them. Gives everything that
    is wrong.
    """
    findings = []
    if not files.keys() & set(KUSTOMIZATION_NAMES):
        path = min(files, default="kustomization.yaml")
        message = "the overlay has no kustomization.yaml at its root"
        findings.append(Finding(path, message, "no_kustomization"))
    if attached and WORKLOAD_FILE in files:
        message = f"{WORKLOAD_FILE} is the name of the workload's own output"
        findings.append(Finding(WORKLOAD_FILE, message, "reserved_name"))
    return [*findings, *_in_kustomizations(files, attached=attached)]


def never_allowed(files: Mapping[str, str], *, attached: bool) -> list[Finding]:
    """Return what is refused whatever the variables hold, with its line.

    ``files`` are as they are saved. A path that a variable takes part in is judged once
    it is put in, unless it is an address already.
    """
    masked = {path: mask(text) for path, text in files.items()}
    found = _in_kustomizations(masked, attached=attached)
    return [
        replace(one, message=MASKED.sub("{{…}}", one.message))
        for one in found
        if one.reason in _NEVER
    ]


def _in_kustomizations(files: Mapping[str, str], *, attached: bool) -> list[Finding]:
    known = {*files, *([WORKLOAD_FILE] if attached else [])}
    folders = {folder for path in known for folder in _folders(path)}
    return [
        finding
        for path, text in files.items()
        if posixpath.basename(path) in KUSTOMIZATION_NAMES
        for finding in _Kustomization(path, known | folders, text).check()
    ]


def _folders(path: str) -> Iterator[str]:
    while path:
        path = posixpath.dirname(path)
        yield path or "."


@dataclass(frozen=True)
class _Kustomization:
    path: str
    places: set[str]
    text: str

    def check(self) -> Iterator[Finding]:
        try:
            tree = read_tree(self.text)
        except NotYaml as refusal:
            yield Finding(self.path, refusal.reason, "bad_text", refusal.line)
            return
        if not isinstance(tree, dict):
            yield self._finding("a kustomization is a map", "bad_text")
            return
        if _has_merge_key(tree):
            yield self._finding("merge keys (<<) are not allowed here", "bad_text")
        for field, value in tree.items():
            yield from self._check_field(field, value)

    def _check_field(self, field: str, value: Tree) -> Iterator[Finding]:
        if field in _PATH_LISTS:
            for path in _strings(value):
                yield from self._check_path(field, path)
        elif field == "patchesStrategicMerge":
            for patch in _strings(value):
                yield from self._check_patch(field, patch)
        elif field in _PATCHES | _GENERATORS | {"openapi"}:
            for entry in _maps(value):
                yield from self._check_entry(field, entry)
        elif field not in _PLAIN:
            why = _WORDS.get(field, "this field is not allowed in an overlay")
            yield self._finding(f"{field}: {why}", "field_not_allowed", at=field)

    def _check_entry(self, field: str, entry: dict[str, Tree]) -> Iterator[Finding]:
        """Check an entry of whatever field: these keys hold paths in each of them.

        Kustomize reads keys in any case, and by Unicode's folding of it.
        """
        for written, value in entry.items():
            key = written.casefold()
            if key == "files":
                for file in _strings(value):
                    yield from self._check_path(field, file.rpartition("=")[2])
            elif key in {"envs", "env", "path"}:
                for file in _strings(value):
                    yield from self._check_path(field, file)
            elif key == "patch":
                yield from self._check_inline(field, value)

    def _check_patch(self, field: str, patch: str) -> Iterator[Finding]:
        if "\n" in patch or ":" in patch:
            yield from self._check_inline(field, patch)
        else:
            yield from self._check_path(field, patch)

    def _check_inline(self, field: str, patch: Tree) -> Iterator[Finding]:
        if isinstance(patch, str):
            try:
                read_trees(patch)
            except NotYaml as refusal:
                yield self._finding(f"{field}: inline patch: {refusal.reason}", "patch")

    def _check_path(self, field: str, path: str) -> Iterator[Finding]:
        shown = f"{field}: '{path[:200]}'"
        is_remote = bool(_REMOTE.search(path))
        if MASKED.search(path) and not is_remote:
            return
        place = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), path))
        if not is_remote and _LOCAL.fullmatch(path):
            if place == ".." or place.startswith("../"):
                message = f"{shown} leaves the overlay"
                yield self._finding(message, "outside_root", at=path)
                return
            if place in self.places:
                return
            if not _HOST.match(path):
                message = f"{shown} is no file of the overlay"
                yield self._finding(message, "missing_file", at=path)
                return
        message = f"{shown} is no path inside the overlay; nothing is fetched"
        yield self._finding(message, "remote_base", at=path)

    def _finding(self, message: str, reason: str, *, at: str | None = None) -> Finding:
        line = None if at is None else _line_of(self.text, at)
        return Finding(self.path, message, reason, line)


def _line_of(text: str, word: str) -> int | None:
    """Return the line of the first scalar that is *word*, or ``name=word``."""
    for event in read_events(text):
        if isinstance(event, yaml.ScalarEvent) and (
            event.value == word or event.value.endswith(f"={word}")
        ):
            return line_of(event)
    return None


def _strings(value: Tree) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _maps(value: Tree) -> list[dict[str, Tree]]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]


def _has_merge_key(tree: Tree) -> bool:
    """Look without recursion: the tree may be as deep as the limit allows."""
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, dict | list):
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            if "<<" in node:
                return True
            waiting.extend(node.values())
        else:
            waiting.extend(node)
    return False
