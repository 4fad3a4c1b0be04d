"""What an edit moves, as its form shows it, and whether somebody agreed to that."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from environments.selectors.impact import Impact, Reached
from gitopshq.core.errors import ValidationError

AGREED: Final = "agreed"
"""The field of the tick; its value tells what was agreed to."""

_FEW: Final = 6
"""Targets that are listed at once; more are folded by environment."""

_BY: Final = {
    "svc": "the service's own value",
    "tenant": "the tenant's value",
    "env": "the environment's value",
    "environment": "the environment's values",
    "target": "the target's own values",
}


@dataclass(frozen=True)
class Review:
    """The impact of one edit, for the person who is about to save it.

    ``is_broad`` says that it reaches more than one target by its scope, ``is_guess``
    that the new value is not known yet. ``ticked`` is what the form sent.
    """

    impact: Impact
    is_broad: bool
    ticked: Collection[str] = ()
    is_guess: bool = False
    words: dict[str, str] = field(default_factory=dict)
    """What differs in the words for those that stand before it."""

    @property
    def needs_tick(self) -> bool:
        """Whether saving needs somebody to agree: broad, or breaking something."""
        is_felt = self.is_broad and bool(self.impact.rendering)
        return is_felt or bool(self.impact.problems)

    @property
    def is_agreed(self) -> bool:
        """Whether exactly this impact was agreed to, or needs no agreement."""
        return not self.needs_tick or self.impact.digest in self.ticked

    @property
    def line(self) -> str:
        """What is ticked, in words."""
        targets, places = len(self.impact.rendering), len(self.impact.environments)
        return (
            f"affects {targets} tenant-environment{'' if targets == 1 else 's'}"
            f" in {places} environment{'' if places == 1 else 's'}"
        )

    def require(self) -> None:
        """Refuse to go on without the tick.

        :raises ValidationError: where it is missing, or belongs to another impact
        """
        if self.is_agreed:
            return
        detail = f"This {self.line}. Look at them, and tick that line below."
        if not self.impact.rendering:
            detail = "This breaks what is listed below. Tick that you mean it."
        raise ValidationError(summary=detail)

    def shown(self) -> dict[str, Any]:
        """Return what ``_impact.html`` shows."""
        impact = self.impact
        return {
            "line": self.line,
            "count": len(impact.rendering),
            "environments": len(impact.environments),
            "digest": impact.digest,
            "needs_tick": self.needs_tick,
            "is_ticked": impact.digest in self.ticked,
            "is_guess": self.is_guess,
            "groups": _groups(impact.rendering, "services"),
            "is_short": len(impact.rendering) <= _FEW,
            "shadowed": _groups(impact.shadowed, "shadowed", self._by),
            "shadowed_count": len(impact.shadowed),
            "text_only": _groups(impact.text_only, "text_only"),
            "text_only_count": len(impact.text_only),
            "problems": impact.problems,
        }

    def _by(self, one: Reached) -> str:
        words = {**_BY, **self.words}
        return " and ".join(words[name] for name in one.by if name in words)


def _groups(
    reached: Iterable[Reached], names: str, said: Any = lambda one: ""
) -> Sequence[dict[str, Any]]:
    """Return targets by environment, in the order of their ranks."""
    ranked = sorted(
        reached,
        key=lambda one: (
            one.target.environment.rank,
            one.target.environment_id,
            one.target.tenant.slug,
        ),
    )
    return [
        {
            "environment": environment,
            "targets": [
                {
                    "tenant": one.target.tenant.slug,
                    "url": one.target.get_absolute_url(),
                    "services": getattr(one, names),
                    "by": said(one),
                }
                for one in found
            ],
        }
        for environment, found in groupby(
            ranked, key=lambda one: one.target.environment.slug
        )
    ]
