"""Variables at their four scopes."""

from environments.permissions import Permission as May
from tests.permissions.rows import On, Sees, api, do, look, page

CONFIG = "config:write"
SHOP = "projects/shop"
TARGET = f"{SHOP}/targets/acme/prod"
PLACE = "?tenant=acme&environment=prod&service=api"

SCOPES = {
    "repo": ({}, On.PROJECT, Sees.PROJECT),
    "tenant": ({"tenant": "acme"}, On.PROJECT, Sees.PROJECT),
    "env": ({"environment": "prod"}, On.PROD, Sees.PROD),
    "svc": (
        {"tenant": "acme", "environment": "prod", "service": "api"},
        On.PROD,
        Sees.PROD,
    ),
}


def at(scope):
    """Return the actions on a variable of one scope."""
    place, on, sees = SCOPES[scope]
    body = {"scope": scope, "key": "KEY", "value": "2", **place}
    row = f"{SHOP}/variables/{{{scope}_variable}}"
    return [
        look(f"see a variable of scope {scope}", sees, api(f"GET {row}")),
        do(
            f"set or delete a variable of scope {scope}",
            May.MANAGE_VARIABLES,
            on,
            sees,
            api(f"PUT {SHOP}/variables", body, CONFIG),
            api(f"DELETE {row}", scope=CONFIG),
            page(f"POST {row}/delete", fills=False),
            page(f"POST {row}/rename", {"key": "NEXT"}),
        ),
        do(
            f"ask what a variable of scope {scope} would change",
            May.MANAGE_VARIABLES,
            on,
            sees,
            api(f"POST {SHOP}/variables/impact", body, "read"),
        ),
        do(
            f"set a variable of scope {scope} on the page of production",
            May.MANAGE_VARIABLES,
            on,
            Sees.PROD,
            page(
                f"POST {SHOP}/variables/set{PLACE}",
                {"scope": scope, "key": "NEW", "value": "2"},
            ),
        ),
    ]


ACTIONS = [
    look(
        "see variables",
        Sees.PROJECT,
        api(f"GET {SHOP}/variables"),
        page(f"GET {SHOP}/variables"),
    ),
    look(
        "see what holds in a target",
        Sees.PROD,
        api(f"GET {TARGET}/variables"),
        api(f"GET {TARGET}/variables/KEY"),
    ),
    *(action for scope in SCOPES for action in at(scope)),
]
