"""Several units rendered side by side, so that Kustomize is called for all at once.

Who cannot be certain of the same result, or of getting it in time, gets none here and
is to be rendered alone by `Renderer.render`, which has the last word on errors too.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from delivery.rendering.keptcharts import KeptChart
from delivery.rendering.overlaybatches import Build, build_together
from delivery.rendering.renderer import Renderer, Steps
from delivery.rendering.running import EngineStopped
from delivery.rendering.units import UnitJob, UnitResult


@dataclass
class Together:
    """The renderings of some units; ``was_stopped`` if a chart went past a limit."""

    renderer: Renderer
    was_stopped: bool = False
    _results: dict[int, UnitResult] = field(default_factory=dict)
    _waiting: dict[int, tuple[Steps[UnitResult], Build]] = field(default_factory=dict)

    def render(
        self, units: Sequence[tuple[UnitJob, KeptChart | None]]
    ) -> list[UnitResult | None]:
        """Render the units, each with its chart; in the order given.

        :raises CannotOpen: a secret cannot be opened with the keys at hand.
        """
        engines = self.renderer.engines
        deadline = time.monotonic() + engines.limits.together_seconds
        steps = [self.renderer.steps(job, chart, deadline) for job, chart in units]
        self._go_on((place, unit, None) for place, unit in enumerate(steps))
        while self._waiting:
            waiting = list(self._waiting.items())
            printed = build_together(
                [build for _, (_, build) in waiting], engines=engines, deadline=deadline
            )
            self._waiting = {}
            self._go_on(
                (place, unit, text)
                for (place, (unit, _)), text in zip(waiting, printed, strict=True)
                if text is not None
            )
        return [self._results.get(place) for place in range(len(units))]

    def _go_on(
        self, units: Iterable[tuple[int, Steps[UnitResult], str | None]]
    ) -> None:
        """Take each unit to its next step, with what was printed for the last one."""
        for place, unit, printed in units:
            if self.was_stopped:
                # Helm's thread may be busy for ever.
                return
            try:
                build = next(unit) if printed is None else unit.send(printed)
            except StopIteration as end:
                self._results[place] = end.value
            except EngineStopped:
                self.was_stopped = True
            else:
                self._waiting[place] = (unit, build)
