"""Workloads, their values and images, overlays and manifests."""

from environments.permissions import Permission as May
from tests.permissions.rows import On, Sees, api, do, look, page

CONFIG, IMAGES = "config:write", "images:write"
SHOP = "projects/shop"
TARGET = f"{SHOP}/targets/acme/prod"
WORKLOAD = f"{SHOP}/workloads/api"
YAML = {"media": "text/yaml"}
TEXT = "replicas: 3\n"
TEXT_FORM = {"text": TEXT}
FILES = {"files": {"a.yaml": "a: 1\n"}}
OVERLAY = {"files": {"kustomization.yaml": "resources: []\n"}}
FILES_FORM = {
    "file-TOTAL_FORMS": "1",
    "file-INITIAL_FORMS": "0",
    "file-0-path": "a.yaml",
    "file-0-text": "a: 1\n",
}
OVERLAY_FORM = {
    **FILES_FORM,
    "file-0-path": "kustomization.yaml",
    "file-0-text": "resources: []\n",
}


def layer_doors(query, image, layer):
    """Return the doors to one values layer, and to an image in it."""
    bump = {"service": "api", "tag": "2.0", **image}
    form = {"layer": layer, "path": "/image", "tag": "2.0"}
    return (
        api(f"PUT {WORKLOAD}/values{query}", TEXT, CONFIG, **YAML),
        api(f"POST {SHOP}/images", bump, IMAGES),
        page(f"POST {WORKLOAD}/values{query}", TEXT_FORM),
        page(f"POST {WORKLOAD}/image", form, offers="prod" in layer),
    )


def split(doors):
    """Part those that name a place from the one page that offers what one may."""
    return doors[:3], doors[3:]


BASE = layer_doors("", {}, "/")
OF_TENANT = layer_doors("?tenant=acme", {"tenant": "acme"}, "acme/")
OF_PROD, ON_PAGE = split(
    layer_doors("?environment=prod", {"environment": "prod"}, "/prod")
)
OF_TARGET, ON_PAGE_TOO = split(
    layer_doors(
        "?tenant=acme&environment=prod",
        {"tenant": "acme", "environment": "prod"},
        "acme/prod",
    )
)

ACTIONS = [
    look(
        "see workloads",
        Sees.PROJECT,
        api(f"GET {SHOP}/workloads"),
        api(f"GET {WORKLOAD}"),
        api(f"GET {WORKLOAD}/values"),
        page(f"GET {SHOP}/workloads"),
        page(f"GET {WORKLOAD}"),
        page(f"GET {WORKLOAD}/switch"),
        page(f"GET {WORKLOAD}/values"),
        page(f"GET {SHOP}/files"),
    ),
    do(
        "make a workload",
        May.MANAGE_WORKLOADS,
        On.PROJECT,
        Sees.PROJECT,
        api(
            f"POST {SHOP}/workloads",
            {"name": "new", "chart": "web", "chartVersion": "1.0.0"},
            CONFIG,
        ),
        page(f"POST {SHOP}/workloads", {"name": "new", "chart_version": "{chart}"}),
    ),
    do(
        "change or archive a workload",
        May.MANAGE_WORKLOADS,
        On.PROJECT,
        Sees.PROJECT,
        api(f"PATCH {WORKLOAD}", {"namespace": "elsewhere"}, CONFIG),
        api(f"PATCH {WORKLOAD}", {"archived": True}, CONFIG),
        page(f"POST {WORKLOAD}/settings", {"chart_version": "{chart}"}),
        page(f"POST {WORKLOAD}/archive", fills=False),
        page(f"POST {WORKLOAD}/restore", fills=False),
    ),
    look(
        "see what is bound to a target",
        Sees.PROD,
        api(f"GET {TARGET}/workloads"),
        api(f"GET {TARGET}/workloads/api"),
        api(f"GET {TARGET}/kustomize"),
        api(f"GET {TARGET}/kustomize/patch"),
        api(f"GET {TARGET}/manifests"),
        api(f"GET {TARGET}/manifests/extra"),
        page(f"GET {SHOP}/acme/prod/kustomize/patch"),
        page(f"GET {SHOP}/acme/prod/manifests/extra"),
    ),
    do(
        "bind a workload, and take it out",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        api(f"PUT {TARGET}/workloads/api", {"namespace": "shop-acme-prod"}, CONFIG),
        api(f"DELETE {TARGET}/workloads/api", scope=CONFIG),
        page(f"POST {WORKLOAD}/unbind/acme/prod", fills=False),
        page(f"POST {SHOP}/acme/prod/bind", {"workload": "api"}, fills=False),
        page(f"POST {SHOP}/acme/prod/unbind/api", fills=False),
    ),
    do(
        "bind a workload on its own page",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROJECT,
        page(f"POST {WORKLOAD}/bind", {"target": "acme/prod"}, offers=True),
        page(
            f"POST {WORKLOAD}/switch",
            {"scope": "acme/prod", "to": "off"},
            offers=True,
        ),
    ),
    do(
        "write the base layer, and an image in it",
        May.MANAGE_WORKLOADS,
        On.PROJECT,
        Sees.PROJECT,
        *BASE,
    ),
    do(
        "write the layer of a tenant",
        May.MANAGE_WORKLOADS,
        On.PROJECT,
        Sees.PROJECT,
        *OF_TENANT,
    ),
    do(
        "write the layer of an environment",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        *OF_PROD,
    ),
    do(
        "write the layer of a target",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        *OF_TARGET,
    ),
    do(
        "write an image where the page offers a layer",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROJECT,
        *ON_PAGE,
        *ON_PAGE_TOO,
    ),
    do(
        "put and delete overlays",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        api(f"PUT {TARGET}/kustomize/patch", OVERLAY, CONFIG),
        api(f"DELETE {TARGET}/kustomize/patch", scope=CONFIG),
        api(f"PATCH {TARGET}/kustomize/patch", {"on": False}, CONFIG),
        page(f"POST {SHOP}/acme/prod/kustomize/patch", OVERLAY_FORM, fills=False),
        page(f"POST {SHOP}/acme/prod/kustomize/patch/delete", fills=False),
    ),
    do(
        "put and delete manifests",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        api(f"PUT {TARGET}/manifests/extra", FILES, CONFIG),
        api(f"DELETE {TARGET}/manifests/extra", scope=CONFIG),
        api(f"PATCH {TARGET}/manifests/extra", {"on": False}, CONFIG),
        page(f"POST {SHOP}/acme/prod/manifests/extra", FILES_FORM, fills=False),
        page(f"POST {SHOP}/acme/prod/manifests/extra/delete", fills=False),
    ),
]
