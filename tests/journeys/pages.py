"""The addresses of all pages that a visitor of the demo may open, and by whom."""

from gitopshq.core.help import PAGES as HELP

SHOP = "/projects/shop"
TARGET = f"{SHOP}/acme/staging"
WORKLOAD = f"{SHOP}/workloads/checkout"
SETTINGS = f"{SHOP}/settings"
REPOSITORY = (
    "",
    "/connect",
    "/tree/main/acme/staging",
    "/tree/main/.gitopshq/acme/staging.json",
    "/tree/source/workloads/checkout/values.yaml",
    "/commits/main",
)
LAYER = "tenant=acme&environment=prod"

PAGES = {
    "alice": [
        "/",
        "/projects",
        SHOP,
        f"{SHOP}/releases",
        f"{SHOP}/releases/new",
        TARGET,
        f"{SHOP}/initech/dev",
        *(f"{SHOP}/releases/{number}" for number in (7, 8, 9, 10, 13, 15, 17)),
        f"{SHOP}/globex/dev",
        f"{SHOP}/releases/9?diff=plain",
        f"{SHOP}/releases/9?diff=manifest&view=unified&wrap=0&spaces=0&noise=all",
        f"{SHOP}/releases/9?diff=resolved",
        f"{SHOP}/releases/9/progress",
        f"{SHOP}/releases/9/votes",
        f"{SHOP}/releases/9/cancel",
        f"{SHOP}/releases/10/edit",
        f"{SHOP}/releases/8/evidence",
        f"{SHOP}/releases/3/rollback",
        f"{TARGET}/history",
        f"{SHOP}/history",
        "/approvals",
        f"{SHOP}/releases/compare",
        f"{SHOP}/releases/compare/acme/staging...acme/prod",
        *(f"{SHOP}/repository{below}" for below in REPOSITORY),
        f"{SHOP}/workloads",
        WORKLOAD,
        f"{WORKLOAD}/values",
        f"{WORKLOAD}/values?{LAYER}",
        f"{SHOP}/variables",
        f"{SHOP}/variables?{LAYER}",
        f"{SHOP}/environments/prod/policy",
        "/charts",
        f"{TARGET}/kustomize/storefront-spread",
        f"{TARGET}/manifests/feature-flags",
        f"{SHOP}/files?kind=overlay&target=acme/staging&name=new",
        "/search",
        "/search?q=checkout",
        "/search?q=e&in=releases",
        "/search?q=nothing+of+the+kind",
        "/help",
        *(f"/help/{page.slug}" for page in HELP),
        "/me",
        "/me/tokens",
        "/me/notifications",
        "/me/notifications/preferences",
    ],
    "bob": [
        "/",
        "/approvals",
        f"{SHOP}/releases/9",
        f"{SHOP}/releases/9?diff=manifest&view=unified",
        f"{SHOP}/globex/dev",
    ],
    "root": [
        "/projects",
        f"{SHOP}/environments/prod/policy",
        SETTINGS,
        f"{SETTINGS}/members",
        f"{SETTINGS}/tenants",
        f"{SETTINGS}/environments",
        f"{SETTINGS}/targets",
        WORKLOAD,
        "/audit",
        "/audit/1",
        "/accounts/password/change/",
        "/accounts/logout/",
    ],
}
