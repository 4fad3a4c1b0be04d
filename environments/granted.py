"""The conditions by which the database finds who was granted what where.

They are written as SQL and look up single grants by index: a page asks several times,
to put them together from querysets takes longer than to answer them, and all the places
that somebody may see can be many. Who needs no grant is said in ``access``.
"""

from typing import Any, ClassVar, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from environments.permissions import Permission
from gitopshq.core.models import User

_GRANT: Final = """
EXISTS (
    SELECT 1 FROM environments_{model}{whose}objectpermission held
    WHERE held.{holder}
    AND held.permission_id = (
        SELECT named.id FROM auth_permission named
        JOIN django_content_type kind ON kind.id = named.content_type_id
        WHERE kind.app_label = 'environments' AND kind.model = '{model}'
        AND named.codename = %s
    )
    AND held.content_object_id = {place}
)
"""
_OWN: Final = "user_id = %s"
_OF_GROUPS: Final = """group_id IN (
    SELECT member.group_id FROM core_user_groups member WHERE member.user_id = %s
)"""
_ITS_PROJECT: Final = """(
    SELECT above.project_id FROM environments_environment above WHERE above.id = {key}
)"""


def _grants(model: str, place: str = "{key}") -> tuple[str, ...]:
    """Return what there is where it was granted to an account, and to a group."""
    return tuple(
        " ".join(text.split())
        for text in (
            _GRANT.format(model=model, whose="user", holder=_OWN, place=place),
            _GRANT.format(model=model, whose="group", holder=_OF_GROUPS, place=place),
        )
    )


class _Granted(Func):
    """Whether an account holds a permission in the place whose key stands there."""

    output_field = BooleanField()
    arity = 1
    ways: ClassVar[tuple[str, ...]]
    """Conditions of which one must hold, each of an account and a permission."""

    def __init__(self, place: F, account: int, codename: str) -> None:
        super().__init__(place)
        self.account, self.codename = account, codename

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        *_: Any,
        **__: Any,
    ) -> tuple[str, Any]:
        """Return the condition; the place must be a column."""
        key, params = compiler.compile(self.get_source_expressions()[0])
        assert not params, "a place is a column"
        text = " OR ".join(self.ways).replace("{key}", key)
        return f"({text})", [self.account, self.codename] * len(self.ways)


class _OnProject(_Granted):
    ways = _grants("project")


class _InEnvironment(_Granted):
    ways = _grants("environment") + _grants("project", _ITS_PROJECT)


def on_project(user: User, permission: Permission, project: str) -> Func:
    """Return the condition that it was granted on the project at that path."""
    return _OnProject(F(project), user.pk, permission.codename)


def in_environment(user: User, permission: Permission, environment: str) -> Func:
    """Return the condition that it was granted in the environment at that path.

    That is on the environment itself, or on its whole project.
    """
    return _InEnvironment(F(environment), user.pk, permission.codename)
