"""What a release changes, in a few lines of text."""

from collections import Counter
from typing import Any, Final

from gitopshq.core.wording import counted
from releases.errors import RenderingLost
from releases.models import Release
from releases.selectors.content import Level, diffs_of

_LONGEST: Final = 100
_WORDS: Final = {
    "workload": "workload",
    "kustomize_binding": "overlay",
    "manifest_binding": "manifest binding",
    "hq_variable": "variable",
    "environment_policy": "policy",
}


def diff_summary(release: Release, changes: list[dict[str, Any]]) -> str:
    """Return counts by type, what moves in the manifests, and one line a change."""
    counts = Counter(_WORDS.get(row["type"], row["type"]) for row in changes)
    by_type = ", ".join(counted(word, count) for word, count in counts.items())
    total = counted("change", len(changes))
    lines = [f"{total}: {by_type}." if changes else f"{total}."]
    if manifests := _manifests(release):
        lines.append(manifests)
    lines += [f"- {row['summary']}" for row in changes[:_LONGEST]]
    if len(changes) > _LONGEST:
        lines.append(f"- and {len(changes) - _LONGEST} more")
    return "\n".join(lines)


def _manifests(release: Release) -> str:
    """Return the size of the manifest diff; "" where there are no manifests."""
    if not release.rendering.tree:
        return ""
    try:
        files = diffs_of(release, Level.MANIFEST)
    except RenderingLost:
        # A tree that was never published may have been tidied away.
        return ""
    if not files:
        return "No manifest differs."
    added = sum(file.added for file in files)
    removed = sum(file.removed for file in files)
    kinds = Counter(file.status for file in files)
    said = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds))
    many = "" if len(files) == 1 else "s"
    return f"Manifests: +{added} -{removed} in {len(files)} file{many} ({said})."
