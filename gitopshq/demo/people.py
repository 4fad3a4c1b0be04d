"""The people of the demo. Their passwords are public, so they exist nowhere else."""

from dataclasses import dataclass
from typing import Final

from environments import actions
from environments.models import Environment, Project
from environments.permissions import Permission, Role
from gitopshq.core import people
from gitopshq.core.models import User


@dataclass(frozen=True)
class Person:
    """Somebody to log in as, and what for."""

    name: str
    does: str
    roles: tuple[Role, ...] = ()

    @property
    def password(self) -> str:
        """Public, and printed at each start of the demo."""
        return f"{self.name}-demo"

    @property
    def is_operator(self) -> bool:
        """Whether they run the installation."""
        return not self.roles


ALICE: Final = Person(
    "alice",
    "edits, makes releases, deploys (her own ones not into prod)",
    (Role.DEVELOPER, Role.DEPLOYER),
)
BOB: Final = Person("bob", "approves", (Role.APPROVER,))
CAROL: Final = Person("carol", "approves", (Role.APPROVER,))
DAVE: Final = Person(
    "dave", "edits and approves in prod, but never his own edits", (Role.VIEWER,)
)
ROOT: Final = Person("root", "operates: policy, freezes, deploys into prod, /admin")
HELPERS: Final = (ALICE, BOB, CAROL, DAVE)
EVERYBODY: Final = (*HELPERS, ROOT)


@dataclass(frozen=True)
class Cast:
    """The five as users."""

    alice: User
    bob: User
    carol: User
    dave: User
    root: User


def cast() -> Cast:
    """Return the five, made where they are missing; nobody's password is reset."""
    return Cast(*(_user(person) for person in EVERYBODY))


def actors(operator: User) -> Cast:
    """Make the four without passwords: nobody can log in as them. *operator* is root.

    An operator may give them passwords in the admin.
    """
    made = [
        people.create_user(person.name, password=None, actor=operator)
        for person in HELPERS
    ]
    return Cast(*[*made, operator])


def grant_roles(project: Project, them: Cast) -> None:
    """Give everybody their part. Who operates does not vote."""
    actions.revoke_access(
        project,
        of=them.root,
        permissions=[Permission.APPROVE_RELEASE],
        actor=them.root,
    )
    users = (them.alice, them.bob, them.carol, them.dave)
    for person, user in zip((ALICE, BOB, CAROL, DAVE), users, strict=True):
        for role in person.roles:
            actions.grant_role(project, to=user, role=role, actor=them.root)


def grant_production(production: Environment, them: Cast) -> None:
    """Give what is held in production alone; carol may set a freeze aside there."""
    for role in (Role.DEVELOPER, Role.APPROVER):
        actions.grant_role(production, to=them.dave, role=role, actor=them.root)
    actions.grant_permissions(
        production,
        to=them.carol,
        permissions=[Permission.OVERRIDE_FREEZE],
        actor=them.root,
    )


def _user(person: Person) -> User:
    found = User.objects.filter(username=person.name).first()
    return found or people.create_user(
        person.name,
        password=person.password,
        email=f"{person.name}@shop.example",
        is_superuser=person.is_operator,
        actor=None,
    )
