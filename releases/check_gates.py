"""What the checks of a rendering found, as gates of their own: each with its words.

They are read from the rendering's errors and facts, never looked at again. One that
passes may still warn: of what nobody could check, and of what will end.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from delivery.models import Rendering, RenderingState
from releases.questions import Gate, Verdict
from releases.refusals import rendering_refusal

MAX_ERRORS: Final = 20
_UNCHECKED: Final = "not checked: it was rendered before there was this check"
_OF_SCHEMAS: Final = (
    *("kubernetes", "schemas", "validated", "custom"),
    *("notValidatedCount", "notValidated"),
)
_Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Passed:
    """How a check went that found no error, and what it warns of."""

    said: str
    warnings: tuple[str, ...] = ()
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Check:
    """A gate: the reasons of errors that close it, and its words when none does."""

    name: str
    title: str
    reasons: frozenset[str]
    passed: Callable[[_Facts], _Passed]


def check_gates(rendering: Rendering) -> list[Gate]:
    """Return how each check stands, in the order in which they are shown."""
    return [_gate(check, rendering) for check in _CHECKS]


def state_of(gate: Mapping[str, Any]) -> str:
    """Return how a gate, as a document, is drawn: ``warn`` if it passes and warns."""
    verdict = str(gate["verdict"])
    has_warnings = bool((gate.get("details") or {}).get("warnings"))
    return "warn" if verdict == Verdict.PASS and has_warnings else verdict


def drawn_of(gates: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out checks that wait for the rendering: its own gate says all of it."""
    return [
        gate
        for gate in gates
        if gate["name"] not in NAMES or gate["verdict"] != Verdict.WAIT
    ]


def _gate(check: _Check, rendering: Rendering) -> Gate:
    if rendering.state == RenderingState.PENDING:
        said = "known once it is rendered"
        return Gate(check.name, check.title, Verdict.WAIT, said)
    found = [error for error in rendering.errors if _closes(check, error)]
    if found:
        return _failed(check, found, rendering)
    if rendering.state == RenderingState.FAILED:
        said = "known once it can be rendered"
        return Gate(check.name, check.title, Verdict.WAIT, said)
    facts = rendering.facts.get("checks")
    if facts is None:
        passed = _Passed(_UNCHECKED, (_UNCHECKED,))
    else:
        passed = check.passed({**facts, "resources": rendering.facts["resources"]})
    said = "; ".join(filter(None, dict.fromkeys((passed.said, *passed.warnings))))
    details = dict(passed.details or {})
    if passed.warnings:
        details["warnings"] = list(passed.warnings)
    return Gate(check.name, check.title, Verdict.PASS, said, details=details)


def _closes(check: _Check, error: Mapping[str, Any]) -> bool:
    return bool({error.get("reason"), error.get("code")} & check.reasons)


def _failed(
    check: _Check, found: Collection[dict[str, Any]], rendering: Rendering
) -> Gate:
    first = next(iter(found))
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    details = {"count": len(found), "errors": list(found)[:MAX_ERRORS]}
    return Gate(
        check.name,
        check.title,
        Verdict.FAIL,
        f"{first.get('message', '')}{more}",
        details=details,
        refusal=rendering_refusal(rendering),
    )


def _schemas(facts: _Facts) -> _Passed:
    release, named = facts["schemas"], facts["kubernetes"]
    if not facts["resources"]:
        return _Passed("no resources")
    custom, said, warnings = facts["custom"], [], []
    if release:
        count = facts["validated"] - custom
        said.append(f"{_resources(count)} valid for Kubernetes {release}")
    if custom:
        said.append(f"{_resources(custom)} valid by definitions rendered with them")
    if not named:
        warnings.append(f"the target names no version: the schemas are of {release}")
    elif not release:
        held = facts["held"]
        warnings.append(f"not validated for {named}: there are schemas of {held}")
    if count := facts["notValidatedCount"]:
        kinds = _kinds(facts["notValidated"])
        warnings.append(f"{_resources(count)} not validated: {kinds}")
    return _Passed(
        "; ".join(said),
        tuple(warnings),
        {key: facts[key] for key in _OF_SCHEMAS},
    )


def _api_versions(facts: _Facts) -> _Passed:
    release = facts["kubernetes"] or facts["schemas"]
    count = facts["deprecatedCount"]
    if not count:
        return _Passed(f"none is deprecated in Kubernetes {release}")
    ends = ", ".join(_end(row) for row in facts["deprecated"])
    said = f"{_resources(count)} of deprecated API versions: {ends}"
    return _Passed(
        said, (said,), {"deprecatedCount": count, "deprecated": facts["deprecated"]}
    )


def _end(row: Mapping[str, Any]) -> str:
    removed = row["removedIn"]
    until = f"gone in {removed}" if removed else f"since {row['deprecatedIn']}"
    return f"{_kind(row)} ({until}; {row['instead']})"


def _resources(count: int) -> str:
    return f"{count} resource{'' if count == 1 else 's'}"


def _kinds(rows: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{row['count']} {_kind(row)}" for row in rows)


def _kind(row: Mapping[str, Any]) -> str:
    return f"{row['kind']} {row['apiVersion']}"


def _fine(said: str) -> Callable[[_Facts], _Passed]:
    return lambda _: _Passed(said)


_CHECKS: Final = (
    _Check("schemas", "Schemas", frozenset({"schema_invalid"}), _schemas),
    _Check("api_versions", "API versions", frozenset({"api_removed"}), _api_versions),
    _Check(
        "namespaces",
        "Namespaces",
        frozenset({"namespace_escape"}),
        _fine("nothing reaches into the namespace of another target"),
    ),
    _Check(
        "duplicates",
        "Duplicates",
        frozenset({"duplicate_resource"}),
        _fine("every resource is rendered once"),
    ),
    _Check(
        "placeholders",
        "Placeholders",
        frozenset({"leftover_placeholder", "variable_unresolved"}),
        _fine("every placeholder has its value"),
    ),
)
NAMES: Final = frozenset(check.name for check in _CHECKS)
