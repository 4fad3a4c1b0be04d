"""Why lines differ: which changes cause each, found by leaving changes out.

Plain Python over an oracle that renders with some of the changes made. What a change
is does not matter here: it has an id, and needs others.

A line has a cause where it is another without that change. Where no single change has
such a say, the line may be overdetermined: each change that suffices alone is named.
Else the fewest changes are named that bring the line about together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from delivery.diffs.files import FileDiff
from delivery.diffs.moves import changed_lines, shared_changes

MAX_RENDERINGS: Final = 600
"""Versions looked at before the search for several together gives up."""

NOTHING: Final[frozenset[str]] = frozenset()


class Role(StrEnum):
    """What a change has to do with a line, from the most to the least."""

    CAUSE = "cause"
    """Without it the line is another."""
    ENOUGH = "enough"
    """It suffices alone, and so does another one."""
    TOGETHER = "together"
    """It takes this one and the others that are named so."""
    NEEDED = "needed"
    """A cause cannot be there without it."""


class Nobody(StrEnum):
    """Why no change is named."""

    BY_ITSELF = "by_itself"
    """The line differs with no change made."""
    NOT_REPEATED = "not_repeated"
    """With all changes made, the line does not come out again."""
    CANNOT_TELL = "cannot_tell"
    """What would tell cannot be rendered."""


@dataclass(frozen=True)
class Version:
    """The files with some changes made; *broken* are those that cannot be rendered."""

    files: Mapping[str, str]
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LineCauses:
    """The changes behind one line by their ids, the most important first."""

    causes: tuple[tuple[str, Role], ...] = ()
    nobody: Nobody | None = None


Chosen = frozenset[str]
Render = Callable[[Sequence[Chosen]], Sequence[Version]]
"""Gives the files with just the chosen changes made, in the order asked for."""


def find_causes(
    files: Iterable[FileDiff], needs: Mapping[str, Iterable[str]], render: Render
) -> dict[str, dict[int, LineCauses]]:
    """Return the causes of every changed line, by path and number of the line.

    Lines go by their numbers in ``moves``. Only closed selections are rendered: what
    a chosen change needs is chosen, too.

    :param needs: every change that can be left out, in the order that people read
        them, with the changes it needs; ids that are no keys are always there
    """
    return _Search({file.path: file for file in files}, needs, render).run()


@dataclass
class _Search:
    files: Mapping[str, FileDiff]
    needs: Mapping[str, Iterable[str]]
    render: Render
    seen: dict[Chosen, Version] = field(default_factory=dict)
    shared: dict[tuple[Chosen, str], frozenset[int] | None] = field(
        default_factory=dict
    )
    roles: dict[tuple[str, int], dict[str, Role]] = field(default_factory=dict)
    nobody: dict[tuple[str, int], Nobody] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.all: Chosen = frozenset(self.needs)
        self.order = {change: at for at, change in enumerate(self.needs)}
        self.lines = {path: changed_lines(file) for path, file in self.files.items()}
        needed = {one: self.all.intersection(self.needs[one]) for one in self.needs}
        needing = {
            one: {other for other in needed if one in needed[other]} for one in needed
        }
        self.with_needs = {one: _closure(one, needed) for one in needed}
        self.with_needing = {one: _closure(one, needing) for one in needed}

    def run(self) -> dict[str, dict[int, LineCauses]]:
        self._without_changes()
        self._leave_out()
        self._take_alone()
        self._take_fewest()
        return {
            path: {line: self._answer(path, line) for line in sorted(lines)}
            for path, lines in self.lines.items()
        }

    # What the oracle says

    def _look(self, wanted: Iterable[Chosen]) -> None:
        new = [one for one in dict.fromkeys(wanted) if one not in self.seen]
        if new:
            self.seen.update(zip(new, self.render(new), strict=True))

    def _made(self, chosen: Chosen, path: str) -> frozenset[int] | None:
        """Return the lines of a file that come of these changes; None: not to tell."""
        key = (chosen, path)
        if key not in self.shared:
            self._look([chosen])
            version = self.seen[chosen]
            self.shared[key] = (
                None
                if path in version.broken
                else shared_changes(
                    self.files[path], self.lines[path], version.files.get(path)
                )
            )
        return self.shared[key]

    # The four questions

    def _without_changes(self) -> None:
        """Tell the lines that no change can explain."""
        self._look([self.all, NOTHING])
        for path, lines in self.lines.items():
            made = self._made(self.all, path) or frozenset()
            never = self._made(NOTHING, path) or frozenset()
            for line in lines:
                if line not in made:
                    self.nobody[path, line] = Nobody.NOT_REPEATED
                elif line in never:
                    self.nobody[path, line] = Nobody.BY_ITSELF

    def _leave_out(self) -> None:
        """Leave out each change, and what needs it; see which lines go with it."""
        self._look(self.all - group for group in self.with_needing.values())
        lines_to_tell = self._open()
        for change in self.needs:
            group = self._renderable(change)
            for path, lines in lines_to_tell.items():
                made = self._made(self.all - group, path)
                if made is None:
                    continue
                # What goes with those that need it is theirs, not its own.
                rest = None
                if not self._is_knotted(change):
                    rest = self._made(self.all - (group - {change}), path)
                for line in lines - made:
                    own = rest is None or line in rest
                    self._name(path, line, change, Role.CAUSE if own else Role.NEEDED)

    def _renderable(self, change: str) -> Chosen:
        """Return what goes with a change, so that the rest can be rendered.

        Where the rest cannot without it, some other change has need of it that nobody
        declared, such as a chart's new version of a value.
        """
        group = self.with_needing[change]
        broken = self.seen[self.all - group].broken
        if not broken:
            return group
        for other in self.needs:
            more = group | self.with_needing[other]
            if more == group or change in self.with_needing[other] or self._is_spent:
                continue
            self._look([self.all - more])
            if not self.seen[self.all - more].broken & broken:
                return more
        return group

    def _take_alone(self) -> None:
        """Of lines that no change alone can undo, name those that suffice alone."""
        lines_to_tell = self._open(Role.CAUSE)
        if not lines_to_tell:
            return
        before = {
            change: group - {change}
            for change, group in self.with_needs.items()
            if not self._is_knotted(change)
        }
        self._look([*self.with_needs.values(), *before.values()])
        for path, lines in lines_to_tell.items():
            for change, group in self.with_needs.items():
                made = self._made(group, path) or frozenset()
                needed = self._made(before.get(change, NOTHING), path) or frozenset()
                for line in lines & (made - needed):
                    self._name(path, line, change, Role.ENOUGH)

    def _take_fewest(self) -> None:
        """Of lines left, take changes away as long as the line stays."""
        for path, lines in self._open(Role.CAUSE, Role.ENOUGH).items():
            for line in sorted(lines):
                for change in self._fewest(path, line):
                    self._name(path, line, change, Role.TOGETHER)

    def _fewest(self, path: str, line: int) -> Chosen:
        """Return few changes that a line takes; none where that cannot be told."""
        left = self.all
        for change in self.needs:
            fewer = left - self.with_needing[change]
            if fewer == left:
                continue
            made = None if self._is_spent else self._made(fewer, path)
            if made is None:
                return NOTHING
            if line in made:
                left = fewer
        return left

    # What is known so far

    def _is_knotted(self, change: str) -> bool:
        """Say whether a change needs another one that needs it in turn."""
        return len(self.with_needs[change] & self.with_needing[change]) > 1

    @property
    def _is_spent(self) -> bool:
        return len(self.seen) > MAX_RENDERINGS

    def _open(self, *roles: Role) -> dict[str, frozenset[int]]:
        """Return the lines to explain, by path; those that none in *roles* explains."""
        found = {
            path: frozenset(
                line
                for line in lines
                if (path, line) not in self.nobody
                and not set(roles) & {*self.roles.get((path, line), {}).values()}
            )
            for path, lines in self.lines.items()
        }
        return {path: lines for path, lines in found.items() if lines}

    def _name(self, path: str, line: int, change: str, role: Role) -> None:
        self.roles.setdefault((path, line), {})[change] = role

    def _answer(self, path: str, line: int) -> LineCauses:
        if (path, line) in self.nobody:
            return LineCauses(nobody=self.nobody[path, line])
        found = self.roles.get((path, line), {})
        if not set(found.values()) - {Role.NEEDED}:
            return LineCauses(nobody=Nobody.CANNOT_TELL)
        ranks = list(Role)
        return LineCauses(
            tuple(
                sorted(
                    found.items(),
                    key=lambda one: (ranks.index(one[1]), self.order[one[0]]),
                )
            )
        )


def _closure(start: str, steps: Mapping[str, Iterable[str]]) -> Chosen:
    """Return *start* and everything that can be reached from it."""
    seen, waiting = {start}, [start]
    while waiting:
        new = set(steps[waiting.pop()]) - seen
        seen |= new
        waiting += new
    return frozenset(seen)
