"""Where the shop runs and what it consists of; the texts are in the folder ``shop``."""

from dataclasses import dataclass
from typing import Any, Final

PROJECT: Final = "shop"
MARK: Final = "Put the storefront on the web chart"
"""The message of an edit that only the demo makes: it tells a seeded shop."""

TENANTS: Final = {
    "acme": ("Acme Supplies", ["eu", "pilot"]),
    "globex": ("Globex", ["us"]),
    "initech": ("Initech", ["eu"]),
}
"""Names and tags."""


@dataclass(frozen=True)
class Stage:
    """An environment, its policy, and the clusters of its targets."""

    slug: str
    name: str
    colour: str
    policy: dict[str, Any]
    api_versions: tuple[str, ...] = ()


STAGES: Final = (
    Stage("dev", "Development", "#2f7d5b", {"auto_approve": True}),
    Stage("staging", "Staging", "#9a6700", {"required_approvals": 1}),
    Stage(
        "prod",
        "Production",
        "#b3261e",
        {"required_approvals": 2, "block_self_deploy": True},
        ("monitoring.coreos.com/v1",),
    ),
)
KUBERNETES: Final = "1.33.4"

CHARTS: Final = ("web", "worker", "batch", "cache", "gateway")
SERVICES: Final = {
    "storefront": "web",
    "catalog": "web",
    "checkout": "web",
    "mailer": "worker",
    "reports": "batch",
    "cache": "cache",
    "gateway": "gateway",
}
_MOST: Final = ("storefront", "catalog", "checkout", "mailer", "gateway")
_FIRST: Final = ("storefront", "catalog", "gateway")
BOUND: Final = {
    ("acme", "dev"): tuple(SERVICES),
    ("acme", "staging"): tuple(SERVICES),
    ("acme", "prod"): tuple(SERVICES),
    ("globex", "dev"): _MOST,
    ("globex", "staging"): _MOST,
    ("globex", "prod"): _MOST,
    ("initech", "dev"): _FIRST,
    ("initech", "staging"): _FIRST,
    ("initech", "prod"): (),
}
ATTACHED: Final = {"storefront-spread": "storefront"}
"""Overlays that are fed with a service's Helm output; the others stand alone."""


def cluster_of(tenant: str, stage: str) -> str:
    """Return where a target runs."""
    if stage != "prod":
        return stage
    return {"acme": "prod-eu", "globex": "prod-us"}.get(tenant, "prod-eu")


@dataclass(frozen=True)
class Setting:
    """A variable; the value of a secret is made by chance when the demo is seeded.

    ``at`` is an environment, a tenant, or ``tenant/environment/service``.
    """

    scope: str
    key: str
    value: str = ""
    at: str = ""
    description: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether nobody is shown the value."""
        return not self.value


SETTINGS: Final = (
    Setting("repo", "LOG_LEVEL", "info", description="debug, info, warning or error"),
    Setting("repo", "CDN_HOST", "cdn.shop.example", description="Serves pictures"),
    Setting("repo", "SUPPORT_EMAIL", "help@shop.example"),
    Setting("repo", "SESSION_KEY", description="Signs the cookies of customers"),
    Setting("env", "LOG_LEVEL", "debug", "dev"),
    Setting("env", "BASE_DOMAIN", "dev.shop.example", "dev"),
    Setting("env", "PAYMENT_URL", "http://payment-stub", "dev"),
    Setting("env", "BASE_DOMAIN", "staging.shop.example", "staging"),
    Setting("env", "PAYMENT_URL", "https://test.payments.example/v2", "staging"),
    Setting("env", "LOG_LEVEL", "warning", "prod"),
    Setting("env", "BASE_DOMAIN", "shop.example", "prod"),
    Setting("env", "PAYMENT_URL", "https://payments.example/v2", "prod"),
    Setting(
        *("env", "CDN_HOST", "cdn.shop.example", "prod"),
        description="Held here until the certificate of the edge network is there",
    ),
    Setting("env", "SESSION_KEY", at="prod", description="Another one for customers"),
    Setting("tenant", "HOST_NAME", "acme", "acme"),
    Setting("tenant", "BRAND", "Acme Supplies", "acme"),
    Setting("tenant", "SUPPORT_EMAIL", "care@acme.example", "acme"),
    Setting("tenant", "HOST_NAME", "globex", "globex"),
    Setting("tenant", "BRAND", "Globex", "globex"),
    Setting("tenant", "HOST_NAME", "initech", "initech"),
    Setting("tenant", "BRAND", "Initech", "initech"),
    Setting(
        *("svc", "LOG_LEVEL", "info", "acme/prod/checkout"),
        description="Until the payments that time out are understood",
    ),
)
