"""The people around one thing that goes to an environment, all in one query.

Who holds which permission there, what the reader may do, and how people are called.
What counts when somebody acts is asked again by each action; see ``access``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable

from environments import access
from environments.models import Environment
from environments.permissions import Permission
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class Around:
    """``holders`` of what was asked, by user name; ``rights`` are the reader's there.

    ``whole_rights`` are those that they hold on the whole project. ``named`` are the
    accounts asked for by login; holders are among them.
    """

    holders: Mapping[Permission, tuple[User, ...]]
    rights: frozenset[Permission]
    whole_rights: frozenset[Permission]
    named: Mapping[str, User]


def people_around(
    environment: Environment,
    *,
    reader: User | None = None,
    holding: Collection[Permission] = (),
    rights: Collection[Permission] = (),
    whole_rights: Collection[Permission] = (),
    named: Collection[str] = (),
) -> Around:
    """Return who is around, as ``access`` would say of each permission by itself.

    :param reader: whose ``rights`` are asked, and ``whole_rights`` on the project
    :param holding: the permissions whose holders are wanted
    :param named: logins of others who are wanted
    """
    held = {one: access.held_in(one, environment) for one in (*holding, *rights)}
    flags = {f"in_{one.name}": _flag(condition) for one, condition in held.items()}
    for one in whole_rights:
        above = access.held_on_project_of(one, environment)
        flags[f"above_{one.name}"] = _flag(above)
    wanted = Q(pk=reader.pk if reader else None) | Q(username__in=set(named))
    for one in holding:
        active = Q(is_active=True, service_account__isnull=True)
        wanted |= active & held[one]
    rows = (
        User.objects.filter(wanted)
        .select_related("service_account__owner")
        .annotate(**flags)
        .order_by("username")
    )
    people = list(rows)
    mine = next((one for one in people if reader and one.pk == reader.pk), None)
    if mine is not None and not access.is_in_service(mine):
        mine = None
    return Around(
        holders={
            one: tuple(
                person
                for person in people
                if _is_person(person) and getattr(person, f"in_{one.name}")
            )
            for one in holding
        },
        rights=frozenset(
            one for one in rights if mine and getattr(mine, f"in_{one.name}")
        ),
        whole_rights=frozenset(
            one for one in whole_rights if mine and getattr(mine, f"above_{one.name}")
        ),
        named={person.username: person for person in people},
    )


def _flag(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _is_person(user: User) -> bool:
    return user.is_active and getattr(user, "service_account", None) is None
