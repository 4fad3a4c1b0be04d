"""``django_fsm.transition``, refusing in the domain's own words."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import django_fsm
from django.db.models import Model

from gitopshq.core.errors import InvalidState

StepT = TypeVar("StepT", bound=Callable[..., None])


def transition(
    field: Any,
    *,
    source: str | Sequence[str],
    target: str,
    participle: str,
    error: type[InvalidState] = InvalidState,
) -> Callable[[StepT], StepT]:
    """Declare a step; taken from any other status, it raises *error*.

    ``source`` must not be a frozenset: django-fsm takes one for a single state.
    """

    def declare(method: StepT) -> StepT:
        step = django_fsm.transition(field=field, source=source, target=target)(method)

        @wraps(method)
        def take(instance: Model, *args: Any, **kwargs: Any) -> None:
            try:
                step(instance, *args, **kwargs)
            except django_fsm.TransitionNotAllowed as refused:
                noun = str(instance._meta.verbose_name)
                raise error(noun=noun, participle=participle) from refused

        return cast(StepT, take)

    return declare
