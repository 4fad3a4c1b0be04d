"""What selectors hand to the shared fragments: one sample of each shape."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    kind: str
    old_number: int | None
    new_number: int | None
    text: str


def hunk(*, path="", skipped=0):
    """Return one hunk: an image tag that changes, and two lines that come."""
    return {
        "path": path,
        "skipped": skipped,
        "lines": [
            Line("same", 26, 26, "        - name: checkout"),
            Line("removed", 27, None, "          image: ghcr.io/shop/checkout:2.7.4"),
            Line("added", None, 27, "          image: ghcr.io/shop/checkout:2.8.0"),
            Line("same", 28, 28, "          env:"),
            Line("same", 29, 29, "            - name: LOG_LEVEL # loud"),
            Line("added", None, 30, "            - name: PAYMENT_TIMEOUT"),
            Line("added", None, 31, '              value: "8s"'),
            Line("same", 30, 32, "          ports:"),
        ],
    }


def file(**changes):
    """Return one changed file of a diff."""
    return {
        "path": "checkout/deployment-checkout.yaml",
        "name": "deployment-checkout.yaml",
        "letter": "M",
        "anchor": "m-5c90e1d0",
        "added": 3,
        "removed": 1,
        "hunks": [hunk(path="spec.template.spec.containers[checkout]", skipped=25)],
        "skipped_after": 31,
    } | changes


def change(**changes):
    """Return one change as lists of changes show it."""
    return {
        "id": "a" * 32,
        "revision": "b" * 16,
        "type": "workload",
        "object": "checkout",
        "facet": "image",
        "path": "/image",
        "action_words": "image tag changed",
        "before": "2.7.4",
        "after": "2.8.0",
        "summary": "checkout image 2.7.4 → 2.8.0",
        "changed_by": "Alice",
        "changed_at": NOW - timedelta(minutes=20),
        "ticked": True,
    } | changes


def groups():
    """Return changes by type, one of them in need of another that is not ticked."""
    variable = change(
        id="c" * 32,
        type="hq_variable",
        object="PAYMENT_TIMEOUT",
        facet="",
        path="",
        action_words="created",
        before=None,
        after="8s",
        summary="PAYMENT_TIMEOUT created",
        scope_words="service checkout",
        ticked=False,
    )
    values = change(
        id="d" * 32,
        facet="values",
        path="/env/PAYMENT_TIMEOUT",
        action_words="added",
        before=None,
        after="{{hq.var.PAYMENT_TIMEOUT}}",
        summary="checkout values /env/PAYMENT_TIMEOUT",
        needs=[{"id": "c" * 32, "label": "PAYMENT_TIMEOUT", "missing": True}],
        hunks=[hunk()],
    )
    claimed = change(
        id="e" * 32,
        object="catalog",
        facet="chart",
        path="",
        before="4.2.0",
        after="4.3.0",
        summary="catalog chart 4.2.0 → 4.3.0",
        changed_by="Carol",
        ticked=False,
        why_not="already in R-46",
    )
    held = change(
        id="f" * 32,
        object="REPLICA_COUNT",
        type="hq_variable",
        facet="",
        path="",
        before="2",
        after="3",
        scope_words="environment staging",
        reaches="reaches 3 tenants",
        held_by="R-44",
    )
    return [
        {
            "type": "workload",
            "changes": [change(hunks=[hunk()]), values, claimed],
            "ticked": 2,
            "total": 3,
        },
        {"type": "hq_variable", "changes": [held, variable], "ticked": 1, "total": 2},
    ]


def gates():
    """Return gates of a release: one waits, one fails, two pass."""
    return [
        {"name": "Freeze", "state": "pass", "why": "Open"},
        {
            "name": "Approvals",
            "state": "wait",
            "why": "1 of 2. Bob can approve.",
            "next_url": "#vote",
            "next": "Vote",
        },
        {"name": "Variables", "state": "pass", "why": "All 14 resolved"},
        {"name": "Stale source", "state": "fail", "why": "Carol changed LOG_LEVEL"},
    ]


def timeline():
    """Return the life of a release that waits for one more approval."""
    return [
        {
            "title": "Created",
            "step": "done",
            "by": "Alice",
            "at": NOW - timedelta(hours=2),
        },
        {
            "title": "Carol approved",
            "step": "done",
            "at": NOW - timedelta(hours=1),
            "said": "“HPA limits fit”",
        },
        {
            "title": "1 more approval",
            "step": "now",
            "icon": "clock",
            "said": "waiting for Bob",
        },
        {
            "title": "Deploy",
            "step": "next",
            "icon": "rocket",
            "said": "by hand, after approval",
        },
        {"title": "Sync", "step": "next", "icon": "refresh-cw"},
    ]


def approval():
    """Return votes: one given, one open, one person barred."""
    return {
        "current": 1,
        "required": 2,
        "voters": [
            {
                "who": "Carol",
                "vote": "approve",
                "said": "HPA limits fit, memory looks right.",
                "at": NOW - timedelta(hours=1),
                "lapses_at": NOW + timedelta(hours=23),
            },
            {"who": "Bob", "vote": "open"},
            {"who": "Alice", "vote": "barred", "why": "created the release"},
        ],
    }


def problems():
    """Return errors of a rendering: a place with line, one with a unit only."""
    return [
        {
            "unit": "checkout",
            "file": "values.yaml",
            "line": 14,
            "message": "PSP_ENDPOINT is not defined in any scope",
            "code": "variable_unresolved",
            "variable": "PSP_ENDPOINT",
        },
        {"unit": "edge", "message": "<b>no such chart</b>", "code": "template_error"},
    ]


def deploy_steps():
    """Return the steps of a deploy that fails at its commit."""
    return [
        {"name": "Lock", "step": "done", "what": "acme / staging", "took": "0.02 s"},
        {"name": "Render", "step": "done", "what": "29 resources", "took": "2.64 s"},
        {
            "name": "Commit",
            "step": "failed",
            "what": "the branch moved",
            "took": "0.38 s",
            "log": "main 27bb0f1 → 8d41c7e\nlost the race, 10 times",
        },
        {"name": "Notify", "step": "next", "what": "", "took": ""},
    ]


def explanation():
    """Return why REPLICA_COUNT is 5."""
    return [
        {"scope": "Service checkout", "set": False},
        {"scope": "Tenant acme", "set": False},
        {
            "scope": "Environment prod",
            "set": True,
            "wins": True,
            "value": "5",
            "by": "Alice",
            "at": NOW,
        },
        {"scope": "Project", "set": True, "value": "1", "by": "Carol", "at": NOW},
    ]
