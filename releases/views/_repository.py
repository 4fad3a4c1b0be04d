"""What the pages of the repository say, as plain values for their templates."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.urls import reverse

from delivery.browsing import CommitFile
from delivery.diffs import LineKind, gaps_of
from delivery.diffs.hunks import Line
from delivery.git.probing import AGENT, Probe
from delivery.repositories import clone_url
from gitopshq.core.named_pages import page_by_name
from releases.selectors.repository import (
    CommitPage,
    Connection,
    ConnectPage,
    FilePage,
    Reader,
    Standing,
)
from releases.views._sheet import anchor_of

LINES_AT_ONCE: Final = 5_000
"""Lines of a file that a page shows; longer ones are read as they are."""
_PROGRAMS: Final = (
    ("argo", "Argo CD"),
    ("flux", "Flux"),
    ("source-controller", "Flux"),
    (AGENT, "The test of this page"),
    ("go-git", "A Go program, as Argo CD and Flux are"),
    ("git/", "Git"),
)
"""Words in a User-Agent that give the program away, the surest first."""
_LETTERS: Final = {"added": "A", "modified": "M", "removed": "D"}
_TRAILER = re.compile(r"([A-Za-z0-9-]+): (.*)")


def standing(at: Standing, current: str) -> dict[str, Any]:
    """Return the switches between branches and views, and the way down to the path."""
    slug, below = at.project.slug, [at.path] if at.path else []
    here = reverse("releases:repository_tree", args=[slug, at.ref, *below])
    log = reverse("releases:repository_commits", args=[slug, at.ref, *below])
    connect = reverse("releases:repository_connect", args=[slug])
    views = (
        ("tree", "Files", here),
        ("commits", "Commits", log),
        ("connect", "Connect", connect),
    )
    target = "tree" if current == "connect" else current
    return {
        "views": [
            {"label": label, "url": url, "current": name == current}
            for name, label, url in views
        ],
        "branches": [
            {
                "label": branch,
                "current": branch == at.ref,
                "url": reverse(
                    f"releases:repository_{'tree' if target == 'commit' else target}",
                    args=[slug, branch],
                ),
            }
            for branch in at.branches
        ],
        "steps": list(_steps(at)),
        "fixed_url": reverse(
            "releases:repository_tree", args=[slug, at.told.commit.id, *below]
        ),
        "is_fixed": at.ref not in at.branches,
    }


def file(page: FilePage) -> dict[str, Any]:
    """Return a file's lines in stretches, each with what brought it."""
    where = [page.at.project.slug, page.at.ref, page.at.path]
    total = sum(len(one.stretch.lines) for one in page.lines)
    is_long = total > LINES_AT_ONCE
    return {
        "page": page,
        "name": page.at.path.rpartition("/")[2],
        "size": page.content.size,
        "line_count": total,
        "is_text": page.content.text is not None,
        "is_long": is_long,
        "is_coloured": page.at.path.endswith((".yaml", ".yml", ".json")),
        "is_json": page.at.path.endswith(".json"),
        "raw_url": reverse("releases:repository_raw", args=where)
        if page.content.data is not None
        else "",
        "stretches": [] if is_long else [_stretch(one) for one in page.lines],
    }


def commit(page: CommitPage) -> dict[str, Any]:
    """Return a commit's words and what it changed, file by file."""
    body, trailers = _split(page.at.told.commit.message)
    return {
        "page": page,
        "told": page.at.told,
        "body": body,
        "trailers": trailers,
        "parent_url": page.parent
        and reverse(
            "releases:repository_commit", args=[page.at.project.slug, page.parent]
        ),
        "files": [_file(one, page.at) for one in page.files],
    }


def connect(page: ConnectPage, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return addresses, and what to apply so that a cluster follows each target."""
    url, slug = clone_url(page.at.project), page.at.project.slug
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"gitopshq-{slug}", "namespace": "flux-system"},
        "stringData": {"username": "git", "password": "TOKEN"},
    }
    return {
        "clone_url": url,
        "clone_command": f"git clone {url}",
        "argocd_command": f"argocd repo add {url} --username git --password TOKEN",
        "flux_command": f"echo '{json.dumps(secret)}' | kubectl apply -f -",
        "named": page_by_name(page.connections, asked, name=_target_of),
        "readers": [_reader(one) for one in page.readers],
        "tokens_url": reverse("core:tokens"),
    }


def _target_of(one: Connection) -> str:
    return one.target


def tried(probe: Probe, *, is_lent: bool) -> dict[str, Any]:
    """Return what a test of the connection found, in words."""
    return {
        "probe": probe,
        "took": f"{probe.seconds:.2f} s",
        "said": f"{probe.problem}." if probe.problem[-1:].isalnum() else probe.problem,
        "lent": is_lent,
        "branches": [
            {"name": name, "sha": sha, "short": sha[:10]}
            for name, sha in probe.branches
        ],
    }


def _reader(reader: Reader) -> dict[str, Any]:
    row, agent = reader.row, reader.row.agent.lower()
    kinds = (name for part, name in _PROGRAMS if part in agent)
    return {
        "program": next(kinds, "Another program"),
        "row": row,
        "short": row.commit[:10],
        "release": reader.release,
        "is_current": reader.is_current,
    }


def _steps(at: Standing) -> Iterator[dict[str, str]]:
    """Yield the folders on the way to the path, each as a link."""
    slug, parts = at.project.slug, at.path.split("/") if at.path else []
    root = reverse("releases:repository_tree", args=[slug, at.ref])
    yield {"name": at.project.slug, "url": root if parts else ""}
    for depth, name in enumerate(parts, 1):
        path = "/".join(parts[:depth])
        url = reverse("releases:repository_tree", args=[slug, at.ref, path])
        yield {"name": name, "url": url if depth < len(parts) else ""}


def _stretch(one: Any) -> dict[str, Any]:
    first = one.stretch.first
    return {
        "told": one.origin,
        "lines": [
            Line(LineKind.SAME, number, number, text)
            for number, text in enumerate(one.stretch.lines, first)
        ],
    }


def _file(one: CommitFile, at: Standing) -> dict[str, Any]:
    changed, diff = one.changed, one.diff
    where = [at.project.slug, at.told.commit.id, changed.path]
    is_there = changed.after is not None
    found: dict[str, Any] = {
        "path": changed.path,
        "letter": _LETTERS[changed.action],
        "anchor": anchor_of(changed.path),
        "added": diff.added if diff else 0,
        "removed": diff.removed if diff else 0,
        "url": reverse("releases:repository_tree", args=where) if is_there else "",
        "hunks": [],
        "folded": diff is None,
        "note": "" if diff else "Not compared here: open the file itself.",
    }
    if diff:
        gaps = gaps_of(diff)
        found["hunks"] = [
            {"lines": hunk.lines, "skipped": gaps[index].size if gaps else 0}
            for index, hunk in enumerate(diff.hunks)
        ]
        found["skipped_after"] = gaps[-1].size if gaps else 0
    return found


def _split(message: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands between the subject and the trailers, and the trailers."""
    parts = message.rstrip("\n").split("\n\n")
    last = [_TRAILER.fullmatch(line) for line in parts[-1].split("\n")]
    if len(parts) == 1 or not all(last):
        return "\n\n".join(parts[1:]), []
    trailers = [(found[1], found[2]) for found in last if found]
    return "\n\n".join(parts[1:-1]), trailers
