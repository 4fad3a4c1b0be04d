"""What an edit moves in which targets, before it is saved: for pages and the API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from environments import capture
from environments.desired.impact import Effect, Foresight, UnitEffect
from environments.desired.state import State, VariableState, canonical_digest
from environments.models import (
    Environment,
    Tenant,
    TenantEnvironment,
    Variable,
    Workload,
)
from environments.selectors.references import Reference
from environments.stored import DatabaseTexts

Look = Callable[[Foresight, State], Iterable[UnitEffect]]


@dataclass(frozen=True, slots=True)
class Reached:
    """A target with the units of it that an edit touches."""

    target: TenantEnvironment
    effects: tuple[UnitEffect, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The units that would render differently."""
        return self._with(Effect.RENDERS)

    @property
    def shadowed(self) -> tuple[str, ...]:
        """Those where a narrower value stands before the edited one."""
        return self._with(Effect.SHADOWED)

    @property
    def text_only(self) -> tuple[str, ...]:
        """Those whose texts change while what is rendered stays."""
        return self._with(Effect.TEXT_ONLY)

    @property
    def problems(self) -> tuple[str, ...]:
        """The places that could not be rendered any more, and why."""
        return tuple(said for effect in self.effects for said in effect.problems)

    @property
    def by(self) -> tuple[str, ...]:
        """The scopes or layers that stand before the edited one."""
        named = [word for effect in self.effects for word in effect.by]
        return tuple(dict.fromkeys(named))

    def _with(self, effect: Effect) -> tuple[str, ...]:
        return tuple(one.unit for one in self.effects if one.effect == effect)


@dataclass(frozen=True)
class Impact:
    """Everything that an edit touches, target by target."""

    reached: Sequence[Reached]

    @cached_property
    def rendering(self) -> list[Reached]:
        """The targets that would render differently."""
        return [one for one in self.reached if one.services]

    @cached_property
    def shadowed(self) -> list[Reached]:
        """The targets where a narrower value stands before it."""
        return [one for one in self.reached if one.shadowed]

    @cached_property
    def text_only(self) -> list[Reached]:
        """The targets where texts change and nothing else."""
        return [one for one in self.reached if one.text_only]

    @property
    def environments(self) -> list[str]:
        """The environments that would render differently, by rank."""
        found = {
            (one.target.environment.rank, one.target.environment.slug)
            for one in self.rendering
        }
        return [slug for _, slug in sorted(found)]

    @property
    def services(self) -> list[str]:
        """The names of what would render differently, each once."""
        return sorted({name for one in self.rendering for name in one.services})

    @property
    def problems(self) -> list[str]:
        """What could not be rendered any more, each place once."""
        said = (problem for one in self.reached for problem in one.problems)
        return list(dict.fromkeys(said))

    @cached_property
    def digest(self) -> str:
        """Tells what is moved from anything else: who agreed, agreed to this."""
        rows = [[str(one.target), *one.services] for one in self.rendering]
        return canonical_digest([rows, self.problems])


def in_reach(
    targets: Iterable[TenantEnvironment],
    *,
    environment: Environment | None = None,
    tenant: Tenant | None = None,
    target: TenantEnvironment | None = None,
) -> list[TenantEnvironment]:
    """Return those of *targets* that an input of that place reaches.

    Archived ones take no release any more, and are left out.
    """
    return [
        one
        for one in targets
        if target in (None, one)
        and environment in (None, one.environment)
        and tenant in (None, one.tenant)
        and not (one.tenant.archived_at or one.environment.archived_at)
    ]


def impact_of_variable(
    reach: Iterable[TenantEnvironment],
    *,
    place: tuple[str, str, str],
    row: VariableState | None,
    uses: Iterable[Reference],
    variables: Iterable[Variable],
) -> Impact:
    """Return what it moves in the targets in *reach* to have *row* at *place*.

    Only the workloads that use the variable are read.

    :param reach: with project, tenant and environment
    :param place: scope, key and service; *row* None is the deletion
    :param uses: of the variable
    :param variables: all that reach the targets, with their workloads
    """
    used = [asked for asked in uses if asked.key == place[1]]
    using = {asked.target.pk for asked in used}
    targets = [target for target in reach if target.pk in using]
    services = {asked.service for asked in used if asked.service}
    states = capture.states_with(targets, variables, workloads=services)
    return _look(targets, states, lambda ahead, s: ahead.of_variable(s, place, row))


def impact_of_layer(
    reach: Sequence[TenantEnvironment], workload: Workload, *, layer: str, text: str
) -> Impact:
    """Return what it moves in the targets in *reach* to save *text* as a layer."""

    def look(ahead: Foresight, state: State) -> Iterable[UnitEffect]:
        found = ahead.of_layer(state, workload.name, layer, text)
        return (found,) if found else ()

    # Other workloads and bindings of these targets read no layer of this one.
    states = {
        key: replace(state, overlays=(), manifests=())
        for key, state in capture.states_of(reach, workloads=[workload.name]).items()
    }
    return _look(reach, states, look)


def _look(
    targets: Iterable[TenantEnvironment], states: Mapping[int, State], look: Look
) -> Impact:
    texts = DatabaseTexts()
    texts.prefetch({d for state in states.values() for d in state.text_digests})
    ahead = Foresight(texts)
    found = [Reached(one, tuple(look(ahead, states[one.pk]))) for one in targets]
    return Impact([one for one in found if one.effects])
