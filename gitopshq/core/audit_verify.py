"""Reading the audit chains from end to end, to the first entry that is not right.

What a chain cannot show by itself, a cut tail with its head set back, is shown by
anchors: heads that were written down elsewhere, such as in a deploy's commit.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from gitopshq.core import audit
from gitopshq.core.models import AuditEntry, AuditHead

Anchor = tuple[int, str]
"""Sequence number and hash of an entry."""


@dataclass(frozen=True, slots=True)
class BadEntry:
    """The first place where a chain is broken. ``entry`` is null for a missing one."""

    project: str
    sequence: int
    entry: int | None
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the entry as the wire knows it."""
        return {
            "project": self.project,
            "sequence": self.sequence,
            "id": self.entry,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were read, and the first bad one of any chain."""

    checked: int
    first_bad: BadEntry | None = None

    @property
    def ok(self) -> bool:
        """Whether every chain is whole."""
        return self.first_bad is None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as the wire knows it."""
        bad = self.first_bad.to_json() if self.first_bad else None
        return {"ok": self.ok, "checked": self.checked, "firstBad": bad}


@dataclass(slots=True)
class _Chain:
    """One project's chain, as far as it was read."""

    project: str
    anchors: dict[int, set[str]] = field(default_factory=dict)
    sequence: int = 0
    entry_hash: str = ""

    def take(self, entry: AuditEntry) -> BadEntry | None:
        """Move on to *entry*, or say why it does not belong there."""
        expected = self.sequence + 1
        if entry.sequence != expected:
            return BadEntry(self.project, expected, None, "the entry is missing")
        if entry.previous_hash != self.entry_hash:
            return self._bad(entry, "it does not follow the entry before it")
        if entry.entry_hash != audit.hash_of(entry):
            return self._bad(entry, "its content is not what its hash says")
        if self.anchors.get(entry.sequence, set()) - {entry.entry_hash}:
            return self._bad(entry, "its hash differs from the one kept elsewhere")
        self.sequence, self.entry_hash = entry.sequence, entry.entry_hash
        return None

    def _bad(self, entry: AuditEntry, reason: str) -> BadEntry:
        return BadEntry(self.project, entry.sequence, entry.pk, reason)


def verify(
    projects: Collection[str] | None = None,
    *,
    anchors: Mapping[str, Collection[Anchor]] | None = None,
) -> Verdict:
    """Read the chains of *projects* (slugs; "" is the installation's; ``None``: all).

    *anchors* are heads that were kept outside the database, by project.
    """
    checked = 0
    kept = anchors or {}
    for project in chains(projects, also=kept):
        verdict = verify_chain(project, kept.get(project, ()))
        checked += verdict.checked
        if verdict.first_bad is not None:
            return Verdict(checked, verdict.first_bad)
    return Verdict(checked)


def verify_chain(project: str, anchors: Collection[Anchor] = ()) -> Verdict:
    """Read the chain of one project; ``checked`` counts the entries that are right."""
    chain = _Chain(project)
    for sequence, digest in anchors:
        chain.anchors.setdefault(sequence, set()).add(digest)
    bad = _read(chain)
    return Verdict(chain.sequence, bad)


def chains(
    projects: Collection[str] | None, *, also: Collection[str] = ()
) -> list[str]:
    """Return the chains to read: those asked for, or all that left any trace.

    *also* names projects that something outside the database knows a trail of.
    """
    if projects is not None:
        return sorted(set(projects))
    heads = set(AuditHead.objects.values_list("project", flat=True))
    # A head may have been deleted with its last entry: ask the entries, too.
    entries = set(AuditEntry.objects.values_list("project", flat=True).distinct())
    return sorted(heads | entries | set(also))


def _read(chain: _Chain) -> BadEntry | None:
    # Entries first, head second: what is being written meanwhile is not missed.
    newest = _newest(chain.project)
    head_sequence, head_hash = audit.head_of(chain.project)
    for entry in _entries(chain.project, head_sequence):
        if bad := chain.take(entry):
            return bad
    promised = max([head_sequence, *chain.anchors])
    if chain.sequence < promised:
        said = "the entry is missing"
        return BadEntry(chain.project, chain.sequence + 1, None, said)
    if chain.entry_hash != head_hash:
        said = "the head of the chain does not name this entry"
        return BadEntry(chain.project, chain.sequence, None, said)
    if newest > head_sequence:
        said = "the head of the chain does not know this entry"
        return BadEntry(chain.project, head_sequence + 1, None, said)
    return None


def _newest(project: str) -> int:
    found = AuditEntry.objects.filter(project=project).aggregate(Max("sequence"))
    return int(found["sequence__max"] or 0)


def _entries(project: str, until: int) -> Iterator[AuditEntry]:
    entries = AuditEntry.objects.filter(project=project, sequence__lte=until)
    return entries.order_by("sequence").iterator(chunk_size=1000)
