"""What is one's own, the audit trail, projects and charts: what is in no project."""

from environments.permissions import Permission as May
from tests.permissions.rows import CREATE_PROJECTS, On, Sees, api, do, look, page

CONFIG = "config:write"
TOKEN = {"name": "ci", "scopes": ["read"]}
CHART = object()
"""Stands for a form with a packaged chart."""

ACTIONS = [
    look("see the dashboard", Sees.EVERYONE, page("GET ")),
    look("read the help", Sees.EVERYONE, page("GET help"), page("GET help/releases")),
    look("search what one may view", Sees.EVERYONE, page("GET search?q=api")),
    look("see oneself", Sees.EVERYONE, page("GET me")),
    look(
        "change oneself",
        Sees.EVERYONE,
        page("POST me", {"theme": "auto", "time_zone": "UTC"}),
    ),
    look(
        "list one's tokens",
        Sees.EVERYONE,
        api("GET tokens", spans=True),
        page("GET me/tokens"),
    ),
    look(
        "make a token of one's own",
        Sees.EVERYONE,
        api("POST tokens", TOKEN),
        page("POST me/tokens", {**TOKEN, "life": "7"}),
    ),
    look(
        "see or end somebody else's token",
        Sees.NOBODY,
        api("GET tokens/{token}", spans=True),
        api("DELETE tokens/{token}"),
        page("POST me/tokens/{token}/revoke", fills=False),
    ),
    look(
        "read one's messages",
        Sees.EVERYONE,
        api("GET notifications", spans=True),
        page("GET me/notifications"),
        page("GET approvals/waiting"),
        page("POST me/notifications/read", fills=False),
        api("POST notifications/read", {}),
        api("GET notifications/preferences"),
        api("PUT notifications/preferences", {"choices": []}),
        page("GET me/notifications/preferences"),
        page("POST me/notifications/preferences", {}),
    ),
    look(
        "read somebody else's message",
        Sees.NOBODY,
        api("POST notifications/{message}/read", scope="admin", fills=False),
        page("POST me/notifications/{message}/read", fills=False),
    ),
    look(
        "keep filters of the inbox under a name",
        Sees.EVERYONE,
        page("POST approvals/views", {"name": "Old", "query": "stale=1"}),
    ),
    look(
        "forget somebody else's view of the inbox",
        Sees.NOBODY,
        page("POST approvals/views/{view}/forget", fills=False),
    ),
    look(
        "look at the trail, as far as one may",
        Sees.EVERYONE,
        api("GET audit", spans=True),
        page("GET audit"),
    ),
    do(
        "check the trail of a project",
        May.VIEW_AUDIT,
        On.PROJECT,
        Sees.EVERYONE,
        api("GET audit/verify?project=shop", spans=True),
        page("POST audit/verify", {"back": "project=shop"}, fills=False),
    ),
    look("read an entry of the trail", Sees.TRAIL, page("GET audit/{entry}")),
    look(
        "list projects",
        Sees.EVERYONE,
        api("GET projects", spans=True),
        page("GET projects"),
    ),
    do(
        "make a project",
        CREATE_PROJECTS,
        On.INSTALLATION,
        Sees.EVERYONE,
        api("POST projects", {"slug": "new", "name": "New"}, CONFIG),
        page("POST projects", {"slug": "new", "name": "New"}),
    ),
    # Where somebody works there is no demo to load, whoever asks.
    look("load the demo", Sees.NOBODY, page("POST demo", fills=False)),
    look("list charts", Sees.EVERYONE, api("GET charts", spans=True)),
    look("see the charts", Sees.INSIDER, page("GET charts")),
    do(
        "upload a chart",
        May.MANAGE_WORKLOADS,
        On.INSTALLATION,
        Sees.EVERYONE,
        api("POST charts", CHART, CONFIG, media="multipart/form-data"),
    ),
    do(
        "upload a chart on the page",
        May.MANAGE_WORKLOADS,
        On.INSTALLATION,
        Sees.INSIDER,
        page("POST charts", CHART),
    ),
]
