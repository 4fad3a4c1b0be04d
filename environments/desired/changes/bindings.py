"""Changes of Kustomize overlays and manifest bindings: as a whole, or file by file."""

from collections.abc import Iterator

from environments.desired.change import (
    ASSIGNMENT,
    FILE,
    KUSTOMIZE_BINDING,
    MANIFEST_BINDING,
    Change,
    Place,
    shown,
)
from environments.desired.state import ManifestState, OverlayState, State
from environments.desired.text_store import Texts

ADDED = "added"
MODIFIED = "modified"
REMOVED = "removed"

Files = tuple[tuple[str, str], ...]


def overlay_changes(a: State, b: State, texts: Texts) -> Iterator[Change]:
    """Yield overlays added, removed, attached elsewhere, and their files."""
    old = {overlay.name: overlay for overlay in a.overlays}
    new = {overlay.name: overlay for overlay in b.overlays}
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if before is None or after is None:
            yield _assignment(KUSTOMIZE_BINDING, "overlay", before, after)
            continue
        if before.workload != after.workload:
            yield Place(KUSTOMIZE_BINDING, name, ASSIGNMENT).change(
                MODIFIED,
                f"overlay {name} {_attached(before)} → {_attached(after)}",
                _attached(before),
                _attached(after),
            )
        yield from _files(KUSTOMIZE_BINDING, before, after, texts)


def manifest_changes(a: State, b: State, texts: Texts) -> Iterator[Change]:
    """Yield manifest bindings added, removed, and their files."""
    old = {binding.name: binding for binding in a.manifests}
    new = {binding.name: binding for binding in b.manifests}
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if before is None or after is None:
            yield _assignment(MANIFEST_BINDING, "manifests", before, after)
        else:
            yield from _files(MANIFEST_BINDING, before, after, texts)


def _assignment(
    type_: str,
    noun: str,
    before: OverlayState | ManifestState | None,
    after: OverlayState | ManifestState | None,
) -> Change:
    binding = after or before
    if binding is None:
        raise ValueError("a binding on neither side")
    action = ADDED if before is None else REMOVED
    return Place(type_, binding.name, ASSIGNMENT).change(
        action,
        f"{noun} {binding.name} {action} ({_told(binding)})",
        None if before is None else _told(before),
        None if after is None else _told(after),
        content=(_content(before), _content(after)),
    )


def _files(
    type_: str,
    before: OverlayState | ManifestState,
    after: OverlayState | ManifestState,
    texts: Texts,
) -> Iterator[Change]:
    old, new = dict(before.files), dict(after.files)
    noun = "overlay" if type_ == KUSTOMIZE_BINDING else "manifests"
    for path in old.keys() | new.keys():
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        action = ADDED if was is None else REMOVED if now is None else MODIFIED
        yield Place(type_, before.name, FILE, path=path).change(
            action,
            f"{noun} {before.name}: {path} {action}",
            None if was is None else shown(texts[was]),
            None if now is None else shown(texts[now]),
            content=(was, now),
        )


def _told(binding: OverlayState | ManifestState) -> str:
    count = len(binding.files)
    told = f"{count} file{'' if count == 1 else 's'}"
    if isinstance(binding, OverlayState) and binding.workload is not None:
        return f"{told}, {_attached(binding)}"
    return told


def _attached(overlay: OverlayState) -> str:
    return f"attached to {overlay.workload}" if overlay.workload else "standalone"


def _content(binding: OverlayState | ManifestState | None) -> list[object] | None:
    if binding is None:
        return None
    attached = binding.workload if isinstance(binding, OverlayState) else None
    return [attached, [list(pair) for pair in binding.files]]
