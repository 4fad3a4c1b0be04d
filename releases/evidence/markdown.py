"""The evidence as the user's own template in Markdown, with the facts below it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from releases.evidence.fields import TEMPLATE

_NOTHING: Final = "none"
_BLOCKS: Final = frozenset(
    {
        *("riskSummary", "diffSummary", "runtimeVerificationSummary"),
        *("fallbackPlan", "postReleaseFollowUpTasks"),
    }
)
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def to_markdown(document: Mapping[str, Any], digest: str | None) -> str:
    """Return *document* as text; the five prose fields are taken as written."""
    lines = [f"# Release evidence: {_plain(document['facts']['release'])}", ""]
    for name, heading in TEMPLATE:
        if name in _BLOCKS:
            lines += [f"## {heading}", "", document[name].strip() or "_none_", ""]
        else:
            lines.append(f"- **{heading}:** {_field(document, name)}")
            if name == "executor":
                lines.append(f"- **Verifier:** {_verifier(document)}")
                lines.append("")
    lines += ["## Facts", "", *_facts(document, digest), ""]
    lines += ["## Votes", "", *_votes(document), ""]
    lines += ["## Gates at the last deploy", "", *_gates(document), ""]
    if glasses := document["facts"]["breakGlass"]:
        lines += ["## Break-glass", "", *_glasses(document, glasses), ""]
    return "\n".join(lines)


def _field(document: Mapping[str, Any], name: str) -> str:
    if name == "approvers":
        return _people(document, document[name])
    if name in {"requester", "executor"}:
        return _person(document, document[name])
    return _plain(document[name])


def _verifier(document: Mapping[str, Any]) -> str:
    if document["verifier"] is None:
        return "not verified"
    note = document["verificationNote"]
    parts = [
        f"{_person(document, document['verifier'])} at {document['verifiedAt']}",
        "" if document["verifiedIndependently"] else "also requester or executor",
        f"“{_plain(note)}”" if note else "",
    ]
    return ", ".join(part for part in parts if part)


def _facts(document: Mapping[str, Any], digest: str | None) -> list[str]:
    facts = document["facts"]
    commit = facts["commit"]
    closed = f"{document['closedAt']} by {_person(document, document['closedBy'])}"
    pairs = [
        ("State", facts["state"].replace("_", " ")),
        ("Ticket", _plain(facts["ticket"]) or _NOTHING),
        ("Deployed", facts["deployedAt"] or "no"),
        ("Commit", f"`{commit['sha']}` on `{commit['branch']}`" if commit else "none"),
        ("Tree", _code(facts["tree"])),
        ("Release digest", _code(facts["releaseDigest"])),
        ("Source", _code(facts["baselineSourceSha"])),
        ("Failure", _outcome(facts["failure"], "type", "detail")),
        ("Cancelled", _outcome(facts["cancelled"], "kind", "reason")),
        ("Rolled back by", facts["rolledBackBy"] or _NOTHING),
        ("Freeze when it was cut", _freeze(facts["freezeAtCut"])),
        ("Sync", facts["sync"]["state"].replace("_", " ") if facts["sync"] else "none"),
        ("Fallback owner", _plain(facts["fallbackOwner"]) or _NOTHING),
        ("Closed", closed if document["closed"] else "no: this may still change"),
        ("Evidence digest", _code(digest)),
    ]
    return [f"- **{name}:** {value}" for name, value in pairs]


def _votes(document: Mapping[str, Any]) -> list[str]:
    approval = document["facts"]["approval"]
    lines = [f"{approval['required']} required."]
    for vote in approval["votes"]:
        fate = "counted" if vote["counted"] else vote["voidReason"] or "did not count"
        if vote["withdrawnAt"]:
            fate = "withdrawn"
        said = f": “{_plain(vote['comment'])}”" if vote["comment"] else ""
        lines.append(
            f"- {_person(document, vote['approver'])}: {vote['verdict']}, "
            f"{vote['decidedAt']}, digest {_code(vote['digest'])}, {fate}{said}"
        )
    return lines


def _gates(document: Mapping[str, Any]) -> list[str]:
    attempts = document["facts"]["attempts"]
    gates = attempts[-1]["gates"] if attempts else []
    return [
        f"- {gate['title']}: {gate['verdict']}, {_plain(gate['reason'])}"
        for gate in gates
    ] or ["It was never deployed."]


def _glasses(
    document: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]
) -> list[str]:
    return [
        f"- {_person(document, row['askedBy'])} at {row['askedAt']}, confirmed by "
        f"{_person(document, row['confirmedBy'])}: “{_plain(row['reason'])}”"
        for row in rows
    ]


def _outcome(found: Mapping[str, Any] | None, kind: str, why: str) -> str:
    if found is None:
        return _NOTHING
    return ": ".join(_plain(found[part]) for part in (kind, why) if found[part])


def _freeze(freeze: Mapping[str, Any] | None) -> str:
    return _plain(freeze["reason"]) if freeze else _NOTHING


def _people(document: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(_person(document, name) for name in names) or _NOTHING


def _person(document: Mapping[str, Any], name: str | None) -> str:
    """Return how somebody is called, and their login where that differs."""
    if name is None:
        return "nobody"
    label = document["people"].get(name, name)
    return _plain(name) if label == name else f"{_plain(label)} ({_plain(name)})"


def _code(text: str | None) -> str:
    return f"`{text}`" if text else _NOTHING


def _plain(text: str) -> str:
    """Return text on one line that Markdown takes for nothing but text."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
