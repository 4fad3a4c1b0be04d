"""Changes of workloads and of the target they run in."""

from collections.abc import Iterator
from dataclasses import replace

from environments.desired.change import (
    ASSIGNMENT,
    CHART,
    IMAGE,
    TARGET,
    WORKLOAD,
    Change,
    Place,
    arrow,
    short,
    shown,
)
from environments.desired.changes.images import ValuesGroup, grouped, image_change
from environments.desired.state import EMPTY_TEXT, LAYERS, State, Target, WorkloadState
from environments.desired.text_store import Texts
from environments.desired.values import display_value, pointer

ADDED = "added"
UPDATED = "updated"
REMOVED = "removed"
TEXT = "text"

NONDETERMINISM_PATH = "/allowNondeterministic"

LAYER_WORDS = {
    "base": "base values",
    "environment": "environment values",
    "tenant": "tenant values",
    "target": "target values",
}


def layer_text(texts: Texts, digest: str) -> str:
    """Return the text of a values layer; an absent layer is an empty text."""
    return "" if digest == EMPTY_TEXT else texts[digest]


def target_place(state: State) -> Place:
    """Return the place of the target's own facts."""
    return Place(WORKLOAD, f"{state.tenant}/{state.environment}", TARGET)


def target_changes(a: State, b: State) -> Iterator[Change]:
    """Yield the change of namespace, Kubernetes version and API list."""
    if a.target == b.target:
        return
    place = target_place(b)
    before, after = _facts(a.target), _facts(b.target)
    moved = [
        name for name in {**before, **after} if before.get(name) != after.get(name)
    ]
    if a.target is None:
        told = [f"{name} {value}" for name, value in after.items()]
    else:
        told = [f"{name} {arrow(before.get(name), after.get(name))}" for name in moved]
    action = ADDED if a.target is None else REMOVED if b.target is None else UPDATED
    change = place.change(
        action,
        f"{place.object} {', '.join(told)}",
        _lines(before),
        _lines(after),
    )
    yield replace(change, carried=a.target is None)


def workload_changes(a: State, b: State, texts: Texts) -> Iterator[Change]:
    """Yield workloads added and removed, and what differs in those on both sides."""
    for name in a.workload_named.keys() | b.workload_named.keys():
        before, after = a.workload_named.get(name), b.workload_named.get(name)
        if before == after:
            continue
        if before is None or after is None:
            yield _assignment(before, after)
            continue
        yield from _definition_changes(before, after)
        for layer in LAYERS:
            yield from _layer_changes(before, after, layer, texts)


def values_place(workload: str, layer: str, group: ValuesGroup) -> Place:
    """Return the place of a group of differences in one values layer."""
    return Place(WORKLOAD, workload, group.facet, layer, pointer(group.path))


def _assignment(before: WorkloadState | None, after: WorkloadState | None) -> Change:
    workload = after or before
    if workload is None:
        raise ValueError("a workload on neither side")
    action = ADDED if before is None else REMOVED
    return Place(WORKLOAD, workload.name, ASSIGNMENT).change(
        action,
        f"{workload.name} {action} ({workload.chart} {workload.chart_version})",
        None if before is None else _told(before),
        None if after is None else _told(after),
        content=(_content(before), _content(after)),
    )


def _definition_changes(
    before: WorkloadState, after: WorkloadState
) -> Iterator[Change]:
    old, new = _chart(before), _chart(after)
    name = after.name
    if old != new:
        same_version = old[:2] == new[:2]
        words = [
            f"{chart} {version}" + (f" ({digest[:12]})" if same_version else "")
            for chart, version, digest in (old, new)
        ]
        told = f"{words[0]} → {words[1].removeprefix(old[0] + ' ')}"
        yield Place(WORKLOAD, name, CHART).change(
            UPDATED,
            f"{name} chart {told}",
            *words,
            content=(list(old), list(new)),
        )
    if before.allow_nondeterministic != after.allow_nondeterministic:
        was, now = _switch(before), _switch(after)
        yield Place(WORKLOAD, name, CHART, path=NONDETERMINISM_PATH).change(
            UPDATED, f"{name} output that differs between runs {was} → {now}", was, now
        )
    if before.namespace != after.namespace:
        told = arrow(before.namespace, after.namespace, absent="the target's")
        yield Place(WORKLOAD, name, TARGET).change(
            UPDATED, f"{name} namespace {told}", before.namespace, after.namespace
        )


def _layer_changes(
    before: WorkloadState, after: WorkloadState, layer: str, texts: Texts
) -> Iterator[Change]:
    was, now = before.layer(layer), after.layer(layer)
    if was == now:
        return
    old, new = layer_text(texts, was), layer_text(texts, now)
    groups = grouped(old, new)
    for group in groups:
        place = values_place(after.name, layer, group)
        if group.action == TEXT:
            # Comments and layout have no words of their own to show.
            is_whole = len(groups) == 1
            what = "as a whole" if is_whole else "comments and layout"
            yield place.change(
                UPDATED,
                f"{after.name} {LAYER_WORDS[layer]}, {what}",
                shown(old) if is_whole else None,
                shown(new) if is_whole else None,
                content=(was, now),
            )
        elif group.facet == IMAGE:
            yield _image(place, group, old, new)
        else:
            yield _value(place, group, old, new)


def _image(place: Place, group: ValuesGroup, old: str, new: str) -> Change:
    image = image_change(group, old, new)
    where = ".".join(group.path)
    content = [_written(text, group) for text in (old, new)]
    return place.change(
        image.action,
        f"{place.object} {where} {arrow(image.before, image.after)}",
        image.before,
        image.after,
        content=(content[0], content[1]),
    )


def _value(place: Place, group: ValuesGroup, old: str, new: str) -> Change:
    before, after = (display_value(text, group.path) for text in (old, new))
    key = ".".join(group.path)
    if group.action == ADDED:
        told = f"{key} added: {short(after)}"
    elif group.action == REMOVED:
        told = f"{key} removed (was {short(before)})"
    else:
        told = f"{key} {arrow(before, after)}"
    where = LAYER_WORDS[place.layer or "base"]
    return place.change(
        group.action,
        f"{place.object} {told} in {where}",
        None if before is None else shown(before),
        None if after is None else shown(after),
        content=(before, after),
    )


def _written(text: str, group: ValuesGroup) -> list[str | None]:
    return [display_value(text, change.path) for change in group.changes]


def _chart(workload: WorkloadState) -> tuple[str, str, str]:
    return (workload.chart, workload.chart_version, workload.chart_digest)


def _switch(workload: WorkloadState) -> str:
    return "allowed" if workload.allow_nondeterministic else "refused"


def _told(workload: WorkloadState) -> str:
    layers = len(workload.layers)
    count = f"{layers} values layer{'' if layers == 1 else 's'}"
    where = f", namespace {workload.namespace}" if workload.namespace else ""
    return f"{workload.chart} {workload.chart_version}, {count}{where}"


def _content(workload: WorkloadState | None) -> list[object] | None:
    if workload is None:
        return None
    return [
        *_chart(workload),
        workload.namespace,
        workload.allow_nondeterministic,
        [list(pair) for pair in workload.layers],
    ]


def _facts(target: Target | None) -> dict[str, str]:
    if target is None:
        return {}
    facts = {
        "namespace": target.namespace,
        "Kubernetes": target.kubernetes_version,
        "API versions": ", ".join(target.api_versions),
    }
    return {name: value for name, value in facts.items() if value}


def _lines(facts: dict[str, str]) -> str | None:
    return "".join(f"{name} {value}\n" for name, value in facts.items()) or None
