"""Who tries the doors: what each may, told apart from the product's own answers.

The bundles of roles are written down here once more, from domain 11: a role that
gains a permission in the product fails the matrix.
"""

from dataclasses import dataclass, replace
from typing import Final

from environments.permissions import Permission as May
from gitopshq.core.models import TokenScope
from tests.permissions.rows import CREATE_PROJECTS, Action, Door, On, Sees

ALL: Final = frozenset(May)
VIEWER: Final = frozenset({May.VIEW_RELEASE})
ROLES: Final = {
    "viewer": VIEWER,
    "developer": VIEWER
    | {
        May.CREATE_RELEASE,
        May.MANAGE_WORKLOADS,
        May.MANAGE_VARIABLES,
        May.CREATE_PROMOTION,
    },
    "approver": VIEWER | {May.APPROVE_RELEASE},
    "deployer": VIEWER | {May.DEPLOY_RELEASE},
    "maintainer": ALL,
}


@dataclass(frozen=True)
class Caller:
    """Somebody, or a token of somebody, and what they hold in the shop."""

    name: str
    on_shop: frozenset[May] = frozenset()
    on_prod: frozenset[May] = frozenset()
    on_dev: frozenset[May] = frozenset()
    on_mart: frozenset[May] = frozenset()
    """In another project altogether."""
    is_superuser: bool = False
    may_create: bool = False
    signed_in: bool = True
    is_forged: bool = False
    """Whether the browser was tricked: the session is there, the CSRF token not."""
    scopes: frozenset[str] | None = None
    """Those of the token that calls; None for a person who is signed in."""
    bound_to: str = ""
    """The slug of the only project of the token."""
    owner: str = ""
    """Whose token it is; empty: of a person made for it."""
    is_dead: bool = False
    """Whether what is shown opens nothing any more."""
    in_group: bool = False
    """Whether all this is held by a group they are in."""

    @property
    def is_token(self) -> bool:
        return self.scopes is not None

    def views(self, sees: Sees) -> bool:  # noqa: PLR0911  one line a kind
        """Say whether the caller is told of what *sees* stands for."""
        view = May.VIEW_RELEASE
        match sees:
            case Sees.EVERYONE:
                return True
            case Sees.NOBODY:
                return False
            case Sees.PROD:
                return self._holds(view, self.on_shop | self.on_prod)
            case Sees.PROJECT:
                places = self.on_shop | self.on_prod | self.on_dev
                return self._holds(view, places)
            case Sees.WHOLE:
                return self._holds(view, self.on_shop)
            case Sees.TRAIL:
                return self._holds(May.VIEW_AUDIT, self.on_shop)
        uploads = May.MANAGE_WORKLOADS in self.anywhere
        return self._holds(view, self.anywhere) or uploads

    def may(self, action: Action) -> bool:
        """Say whether the caller holds what *action* needs, where it needs it."""
        if not action.needs:
            return True
        if CREATE_PROJECTS in action.needs:
            return self.is_superuser or self.may_create
        held = {
            On.INSTALLATION: self.anywhere,
            On.PROJECT: self.on_shop,
            On.SOMEWHERE: self.on_shop | self.on_prod | self.on_dev,
            On.PROD: self.on_shop | self.on_prod,
        }[action.on]
        enough = any(self._holds(need, held) for need in action.needs)
        return enough and all(self._holds(need, held) for need in action.also)

    @property
    def anywhere(self) -> frozenset[May]:
        return self.on_shop | self.on_prod | self.on_dev | self.on_mart

    def _holds(self, permission: May | str, held: frozenset[May]) -> bool:
        # A superuser holds everything but the vote.
        by_rank = self.is_superuser and permission != May.APPROVE_RELEASE
        return by_rank or permission in held


MAINTAINER: Final = Caller("maintainer", on_shop=ALL)
PEOPLE: Final = [
    Caller("nobody", signed_in=False),
    Caller("a stranger"),
    *(Caller(f"a {role}", on_shop=held) for role, held in ROLES.items()),
    Caller("a maintainer by group", on_shop=ALL, in_group=True),
    Caller("a maintainer of production only", on_prod=ALL),
    Caller("a viewer of production only", on_prod=VIEWER),
    Caller("a maintainer of another environment", on_dev=ALL),
    Caller("a maintainer of another project", on_mart=ALL),
    Caller("a superuser without grants", is_superuser=True),
    Caller("a founder of projects", may_create=True),
    Caller("a maintainer who left", on_shop=ALL, is_dead=True),
    Caller("a superuser who left", is_superuser=True, is_dead=True),
    Caller("a maintainer without the CSRF token", on_shop=ALL, is_forged=True),
]
OF_MAINTAINER: Final = replace(MAINTAINER, owner="a maintainer")
EVERY: Final = frozenset({TokenScope.ADMIN.value})
TOKENS: Final = [
    *(
        replace(
            OF_MAINTAINER, name=f"a token with {scope}", scopes=frozenset({scope.value})
        )
        for scope in TokenScope
    ),
    Caller("a token of a stranger", scopes=EVERY, owner="a stranger"),
    Caller("a token of a viewer", on_shop=VIEWER, scopes=EVERY, owner="a viewer"),
    replace(
        OF_MAINTAINER, name="a token of the shop only", scopes=EVERY, bound_to="shop"
    ),
    replace(
        OF_MAINTAINER, name="a token of another shop", scopes=EVERY, bound_to="mart"
    ),
    replace(OF_MAINTAINER, name="a token that expired", scopes=EVERY, is_dead=True),
    replace(OF_MAINTAINER, name="a token revoked", scopes=EVERY, is_dead=True),
    Caller(
        "a token of a maintainer who left",
        on_shop=ALL,
        scopes=EVERY,
        owner="a maintainer who left",
        is_dead=True,
    ),
]


LOOKING: Final = frozenset(
    {
        *("a stranger", "a viewer", "a viewer of production only"),
        *("a maintainer of another environment", "a superuser without grants"),
    }
)
"""Those who tell all there is to tell of a door that is only looked through."""


def tokens_for(door: Door) -> list[Caller]:
    """Return the tokens that tell all there is to tell of a door of the API.

    With just the right scope; with every other one; with all of them, but of somebody
    who may only look, of a stranger, or for one project alone.
    """
    every = {scope.value for scope in TokenScope}
    others = frozenset(every - {door.scope, TokenScope.ADMIN.value})
    by_name = {caller.name: caller for caller in TOKENS}
    telling = ["a token of another shop"]
    telling += ["a token of the shop only"] if door.spans else ["a token of a viewer"]
    right, wrong = f"a token with {door.scope}", f"a token with all but {door.scope}"
    return [
        by_name[right],
        replace(OF_MAINTAINER, name=wrong, scopes=others),
        *(by_name[name] for name in telling),
    ]


def just(action: Action) -> list[Caller]:
    """Return who may view and holds only what *action* needs, and all but that."""
    found = []
    needs = frozenset(May(need) for need in action.needs - {CREATE_PROJECTS})
    for need in sorted(needs):
        only = VIEWER | {need} | action.also
        words = " and ".join(sorted(only - VIEWER))
        found.append(Caller(f"only {words}", on_shop=only))
        found.append(Caller(f"only {words} on production", on_prod=only))
    for missing in [needs, *({one} for one in sorted(action.also))]:
        if missing:
            words = " and ".join(sorted(missing))
            found.append(Caller(f"all but {words}", on_shop=ALL - missing))
    return [*found, Caller("all but the sight", on_shop=ALL - VIEWER)]


LOGIN: Final = "log in"
ALLOWED: Final = "allowed"
HIDDEN, DENIED = "404", "403"


def expected(action: Action, door: Door, caller: Caller) -> str:  # noqa: PLR0911
    """Return what the table says: a status with its code, or that it goes through."""
    if not caller.signed_in or caller.is_dead:
        return LOGIN if door.kind == "page" else "401 unauthenticated"
    if caller.is_forged and not door.is_safe:
        return "403" if door.kind == "page" else "403 permission_denied"
    if caller.scopes is not None:
        # The whole token is refused before anybody looks at what it asks for.
        refused = _by_scope(door, caller, caller.scopes)
        if refused:
            return refused
    if not caller.views(action.sees):
        return "404" if door.kind == "page" else "404 not_found"
    if door.offers and not caller.views(Sees.PROD):
        return ALLOWED  # to try: it is no choice, as if it were not there
    if caller.is_token and door.votes:
        return f"403 {door.votes}"
    if not caller.may(action):
        return "403" if door.kind == "page" else f"403 {door.code}"
    return ALLOWED


def _by_scope(door: Door, caller: Caller, scopes: frozenset[str]) -> str:
    here = "/projects/shop" in door.url or caller.bound_to == ""
    if not here and not (door.spans and door.is_safe):
        return "404 not_found"
    if caller.bound_to not in ("", "shop") and "/projects/shop" in door.url:
        return "404 not_found"
    if caller.bound_to not in ("", "shop") and "project=shop" in door.url:
        return "403 permission_denied"
    if door.scope not in scopes and TokenScope.ADMIN.value not in scopes:
        return "403 permission_denied"
    return ""
