"""The project itself, its members, tenants, environments, targets, and its gates."""

from environments.permissions import Permission as May
from tests.permissions.rows import On, Sees, api, do, look, page

CONFIG = "config:write"
SHOP = "projects/shop"
PROD = f"{SHOP}/environments/prod"
TARGET = f"{SHOP}/targets/acme/prod"
NAMED = {"slug": "new", "name": "New"}
WINDOW = {
    "startsAt": "2030-01-01T00:00:00Z",
    "endsAt": "2030-01-02T00:00:00Z",
    "reason": "holidays",
}
WINDOW_FORM = {
    "starts_at": "2030-01-01T00:00",
    "ends_at": "2030-01-02T00:00",
    "time_zone": "UTC",
    "reason": "holidays",
}
POLICY_FORM = {"required_approvals": "2", "deploy_mode": "manual"}
STAGE = {"tenant": "globex", "environment": "prod", "namespace": "globex-prod"}

ACTIONS = [
    look(
        "see a project",
        Sees.PROJECT,
        api(f"GET {SHOP}"),
        page(f"GET {SHOP}"),
        page(f"GET {SHOP}/settings"),
    ),
    do(
        "change a project",
        May.MANAGE_PROJECT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"PATCH {SHOP}", {"name": "Shop"}, CONFIG),
        page(f"POST {SHOP}/settings", {"name": "S", "secrets_in_git": "refuse"}),
    ),
    do(
        "archive a project",
        May.MANAGE_PROJECT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"PATCH {SHOP}", {"archived": True}, CONFIG),
        page(f"POST {SHOP}/settings/archive", fills=False),
        page(f"POST {SHOP}/settings/restore", fills=False),
    ),
    look(
        "see members",
        Sees.PROJECT,
        api(f"GET {SHOP}/members"),
        page(f"GET {SHOP}/settings/members"),
    ),
    look("see a member", Sees.WHOLE, api(f"GET {SHOP}/members/{{member}}")),
    look("see a member of prod", Sees.PROD, api(f"GET {SHOP}/members/{{staged}}")),
    do(
        "grant on the project",
        May.MANAGE_PROJECT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"POST {SHOP}/members", {"user": "hugo", "role": "viewer"}),
        page(
            f"POST {SHOP}/settings/members",
            {"name": "hugo", "place": "", "role": "viewer"},
        ),
    ),
    do(
        "grant on an environment",
        May.MANAGE_PROJECT,
        On.PROD,
        Sees.PROD,
        api(
            f"POST {SHOP}/members",
            {"group": "crew", "permissions": [May.VIEW_RELEASE], "environment": "prod"},
        ),
    ),
    do(
        "revoke on the project",
        May.MANAGE_PROJECT,
        On.PROJECT,
        Sees.WHOLE,
        api(f"DELETE {SHOP}/members/{{member}}"),
        page(f"POST {SHOP}/settings/members/{{member}}/revoke", fills=False),
    ),
    do(
        "revoke on an environment",
        May.MANAGE_PROJECT,
        On.PROD,
        Sees.PROD,
        api(f"DELETE {SHOP}/members/{{staged}}"),
        page(f"POST {SHOP}/settings/members/{{staged}}/revoke", fills=False),
    ),
    look(
        "see tenants",
        Sees.PROJECT,
        api(f"GET {SHOP}/tenants"),
        api(f"GET {SHOP}/tenants/acme"),
        page(f"GET {SHOP}/settings/tenants"),
    ),
    do(
        "make a tenant",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"POST {SHOP}/tenants", NAMED, CONFIG),
        page(f"POST {SHOP}/settings/tenants", NAMED),
    ),
    do(
        "change or archive a tenant",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"PATCH {SHOP}/tenants/acme", {"name": "ACME"}, CONFIG),
        page(f"POST {SHOP}/settings/tenants?edit=acme", {"name": "ACME"}),
        page(f"POST {SHOP}/settings/tenants/acme/archive", fills=False),
        page(f"POST {SHOP}/settings/tenants/acme/restore", fills=False),
    ),
    look(
        "see environments",
        Sees.PROJECT,
        api(f"GET {SHOP}/environments"),
        page(f"GET {SHOP}/settings/environments"),
    ),
    look(
        "see an environment and its gates",
        Sees.PROD,
        api(f"GET {PROD}"),
        api(f"GET {PROD}/policy"),
        api(f"GET {PROD}/freeze"),
        page(f"GET {PROD}/policy"),
    ),
    do(
        "make an environment",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"POST {SHOP}/environments", NAMED, CONFIG),
        page(f"POST {SHOP}/settings/environments", {**NAMED, "rank": "1"}),
    ),
    do(
        "change or archive an environment",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROD,
        api(f"PATCH {PROD}", {"name": "Live"}, CONFIG),
        page(
            f"POST {SHOP}/settings/environments?edit=prod", {"name": "L", "rank": "1"}
        ),
        page(f"POST {SHOP}/settings/environments/prod/archive", fills=False),
        page(f"POST {SHOP}/settings/environments/prod/restore", fills=False),
    ),
    do(
        "change the policy",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROD,
        api(f"PATCH {PROD}/policy", {"requiredApprovals": 2}, CONFIG),
        page(f"POST {PROD}/policy", POLICY_FORM),
    ),
    do(
        "freeze and lift a freeze",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROD,
        api(f"POST {PROD}/freeze", {"reason": "fire"}, CONFIG),
        api(f"DELETE {PROD}/freeze", scope=CONFIG),
        page(f"POST {PROD}/policy/freeze", {"reason": "fire"}),
        page(f"POST {PROD}/policy/unfreeze", fills=False),
    ),
    look("see freeze windows", Sees.PROJECT, api(f"GET {SHOP}/freeze-windows")),
    look(
        "see a window of production",
        Sees.PROD,
        api(f"GET {SHOP}/freeze-windows/{{window}}"),
    ),
    look(
        "see a window of the project",
        Sees.PROJECT,
        api(f"GET {SHOP}/freeze-windows/{{wide_window}}"),
    ),
    do(
        "add and end a window of an environment",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROD,
        api(f"POST {SHOP}/freeze-windows", {**WINDOW, "environment": "prod"}, CONFIG),
        api(f"DELETE {SHOP}/freeze-windows/{{window}}", scope=CONFIG),
        page(f"POST {PROD}/policy/windows", WINDOW_FORM),
        page(f"POST {PROD}/policy/windows/{{window}}/end", fills=False),
    ),
    do(
        "add and end a window of the whole project",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROJECT,
        api(f"POST {SHOP}/freeze-windows", WINDOW, CONFIG),
        api(f"DELETE {SHOP}/freeze-windows/{{wide_window}}", scope=CONFIG),
    ),
    do(
        "add and end a window of the whole project on the page",
        May.MANAGE_ENVIRONMENT,
        On.PROJECT,
        Sees.PROD,
        page(f"POST {PROD}/policy/windows", {**WINDOW_FORM, "whole_project": "on"}),
        page(f"POST {PROD}/policy/windows/{{wide_window}}/end", fills=False),
    ),
    look(
        "list targets",
        Sees.PROJECT,
        api(f"GET {SHOP}/targets"),
        page(f"GET {SHOP}/settings/targets"),
    ),
    look(
        "see a target",
        Sees.PROD,
        api(f"GET {TARGET}"),
        page(f"GET {SHOP}/acme/prod"),
    ),
    do(
        "make a target",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROD,
        api(f"POST {SHOP}/targets", {**STAGE, "tenant": "acme"}, CONFIG),
    ),
    do(
        "make a target on a page",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROJECT,
        page(
            f"POST {SHOP}/settings/targets",
            {**STAGE, "kubernetes_version": "1.33.0"},
            offers=True,
        ),
    ),
    do(
        "change a target",
        May.MANAGE_ENVIRONMENT,
        On.PROD,
        Sees.PROD,
        api(f"PATCH {TARGET}", {"namespace": "elsewhere"}, CONFIG),
        page(
            f"POST {SHOP}/settings/targets?edit=acme/prod",
            {"namespace": "elsewhere", "kubernetes_version": "1.33.0"},
        ),
    ),
]
