"""What two people made of one text, for one of them to choose path by path."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from environments.desired.values import (
    Difference,
    Path,
    differences,
    pointer,
    take_yours,
)
from environments.views.comparing import compared

SIDE: Final = "side:"
YOURS: Final = "yours"


@dataclass(frozen=True, slots=True)
class Choice:
    """One place where both differ; ``side`` is the one that is chosen."""

    about: Difference
    name: str
    label: str
    side: str

    @property
    def sides(self) -> list[tuple[str, str, str | None]]:
        """Value, words and text of the two that can be chosen."""
        about = self.about
        return [
            ("theirs", "Theirs", about.theirs),
            (YOURS, "Yours", about.yours),
        ]


@dataclass(frozen=True)
class TwoTexts:
    """The text that both began with, the one saved meanwhile, the one typed."""

    base: str
    theirs: str
    yours: str
    posted: Mapping[str, Any]

    @cached_property
    def choices(self) -> list[Choice]:
        """Every place where the two differ, with what was chosen or is likely.

        Comments and layout can be taken with all of the text only, so they are likely
        yours where everything is.
        """
        found = differences(self.base, self.theirs, self.yours)
        kept = any(one.changed_by == "theirs" for one in found)
        return [
            self._choice(
                one,
                "theirs"
                if one.changed_by == "theirs" or (one.is_layout and kept)
                else YOURS,
            )
            for one in found
        ]

    @property
    def conflicts(self) -> int:
        """How many places both of them changed."""
        return sum(one.about.changed_by == "both" for one in self.choices)

    @property
    def their_change(self) -> dict[str, Any] | None:
        """The difference that they made, for the eye."""
        return compared(self.base, self.theirs, caption="What was saved meanwhile")

    @property
    def your_change(self) -> dict[str, Any] | None:
        """What saving the typed text would change of theirs."""
        return compared(self.theirs, self.yours, caption="What saving now would change")

    def taken(self) -> str:
        """Return the text of now with what was chosen of the typed one.

        What was not on the page when they chose stays as it is now.

        :raises Inseparable: where that cannot be taken without others
        """
        paths: set[Path] = {
            one.about.change.path
            for one in self.choices
            if self.posted.get(one.name) == YOURS
        }
        return take_yours(self.theirs, self.yours, paths)

    def _choice(self, about: Difference, likely: str) -> Choice:
        path = about.change.path
        name = SIDE + pointer(path)
        label = ".".join(path) or "Comments and layout"
        return Choice(about, name, label, str(self.posted.get(name, likely)))
