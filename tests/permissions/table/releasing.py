"""Releases from the pool to the commit, and the inbox."""

from environments.permissions import Permission as May
from tests.permissions.rows import On, Sees, api, do, look, page

WRITE, DEPLOY = "releases:write", "releases:deploy"
SHOP = "projects/shop"
TARGET = f"{SHOP}/targets/acme/prod"
PAGE = f"{SHOP}/acme/prod"
DRAFT, PENDING = f"{SHOP}/releases/1", f"{SHOP}/releases/2"
DIGEST = {"digest": "0" * 64}
NEW = {"tenant": "acme", "environment": "prod", "title": "Again"}
VOTE = {"votes": "not_eligible"}
PERSON = {"votes": "person_required"}
EDITORS = frozenset(
    {May.MANAGE_WORKLOADS, May.MANAGE_VARIABLES, May.MANAGE_ENVIRONMENT}
)
REFRESHERS = frozenset({May.CREATE_RELEASE, May.DEPLOY_RELEASE})
WRITERS = (May.CREATE_RELEASE, May.DEPLOY_RELEASE, May.APPROVE_RELEASE)

ACTIONS = [
    look(
        "see the pool of a target",
        Sees.PROD,
        api(f"GET {TARGET}/pending-changes"),
        api(f"POST {TARGET}/preview", {}, "read"),
        api(f"GET {TARGET}/preview/{{snapshot}}/diffs/plain"),
        page(f"GET {PAGE}/preview/{{snapshot}}"),
        page(f"POST {PAGE}/release", {"do": "preview"}, fills=False),
    ),
    do(
        "discard a change",
        May.MANAGE_WORKLOADS,
        On.PROD,
        Sees.PROD,
        api(
            f"POST {TARGET}/pending-changes/{{change}}/discard",
            {},
            "config:write",
            fills=False,
            asks=EDITORS,
        ),
        page(f"POST {PAGE}/discard/{{change}}", fills=False, asks=EDITORS),
    ),
    look(
        "list releases",
        Sees.PROJECT,
        api(f"GET {SHOP}/releases"),
        page(f"GET {SHOP}/releases"),
        page(f"GET {SHOP}/history"),
        page(f"GET {SHOP}/history.csv"),
    ),
    look(
        "compare releases and targets",
        Sees.PROD,
        page(f"GET {SHOP}/releases/compare/R-1...R-2"),
        api(f"GET {SHOP}/compare?from=R-1&to=R-2"),
    ),
    look(
        "choose what to compare",
        Sees.PROJECT,
        page(f"GET {SHOP}/releases/compare"),
    ),
    look(
        "see a release",
        Sees.PROD,
        api(f"GET {PENDING}"),
        api(f"GET {PENDING}/changes"),
        api(f"GET {PENDING}/approvals"),
        api(f"GET {PENDING}/gates"),
        api(f"GET {PENDING}/timeline"),
        api(f"GET {PENDING}/attempts"),
        api(f"GET {PENDING}/eligible-approvers"),
        api(f"GET {PENDING}/earliest-deploy"),
        api(f"GET {PENDING}/causes"),
        page(f"GET {PAGE}/history"),
        page(f"GET {PENDING}/rollback/{{snapshot}}"),
        api(f"GET {PENDING}/diffs/plain"),
        page(f"GET {PENDING}"),
        page(f"GET {PENDING}/progress"),
        page(f"GET {PENDING}/votes"),
        page(f"GET {PENDING}/why"),
        page(f"GET {PENDING}/cancel"),
        page(f"GET {PAGE}/discard/{{change}}"),
        page(f"POST {PENDING}/viewed", fills=False),
    ),
    look(
        "see and write comments",
        Sees.PROD,
        api(f"GET {PENDING}/comments"),
        api(f"POST {PENDING}/comments", {"body": "Why now?"}, WRITE),
        page(f"POST {PENDING}/comments", {"body": "Why now?"}),
    ),
    look(
        "see evidence",
        Sees.PROD,
        api(f"GET {PENDING}/evidence"),
        page(f"GET {PENDING}/evidence"),
    ),
    do(
        "write and close evidence",
        WRITERS,
        On.PROD,
        Sees.PROD,
        api(f"PATCH {PENDING}/evidence", {"riskSummary": "None."}, WRITE),
        api(f"POST {PENDING}/close", {}, WRITE),
        page(f"POST {PENDING}/evidence", {"risk_summary": "None."}),
        page(f"POST {PENDING}/evidence/close", fills=False),
    ),
    do(
        "verify evidence",
        WRITERS[1:],
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/verify", {}, WRITE, **PERSON),
        page(f"POST {PENDING}/evidence/verify", {}),
    ),
    do(
        "roll back",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/rollback", {"scope": "full"}, WRITE),
        page(f"GET {PENDING}/rollback"),
        page(f"POST {PENDING}/rollback", {"scope": "full"}, fills=False),
        page(f"POST {PENDING}/rollback", {"do": "preview"}, fills=False),
        api(f"POST {PENDING}/rollback/preview", {"scope": "full"}, "read"),
    ),
    look(
        "look for targets to release together",
        Sees.PROJECT,
        page(f"GET {SHOP}/releases/new"),
    ),
    do(
        "create a release",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        page(f"POST {PAGE}/release", {"title": "Again"}),
    ),
    do(
        # What becomes of each target is tried in test_take_many.
        "create releases of what one ticked",
        May.CREATE_RELEASE,
        On.SOMEWHERE,
        Sees.PROJECT,
        page(f"POST {SHOP}/releases/new", {"target": "acme/prod", "title": "All"}),
    ),
    do(
        "create a release, or several",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {SHOP}/releases", NEW, WRITE),
    ),
    do(
        "edit and submit a draft",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"PATCH {DRAFT}", {"title": "Other words"}, WRITE),
        api(f"POST {DRAFT}/submit", {}, WRITE),
        page(f"GET {DRAFT}/edit"),
        page(f"POST {DRAFT}/edit", {"title": "Other words"}),
        page(f"POST {DRAFT}/submit", fills=False),
    ),
    do(
        # Other content is pending here: where it is not, releases.deploy suffices.
        "refresh a release",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/refresh", {}, WRITE, fills=False, asks=REFRESHERS),
        page(f"POST {PENDING}/refresh", fills=False, asks=REFRESHERS),
    ),
    do(
        "cancel somebody else's release",
        May.CANCEL_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/cancel", {"reason": "late"}, WRITE, fills=False),
        page(f"POST {PENDING}/cancel", {"reason": "late"}, fills=False),
    ),
    do(
        "approve or reject",
        May.APPROVE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/approve", DIGEST, WRITE, **VOTE),
        api(f"POST {PENDING}/reject", {"reason": "no"}, WRITE, **VOTE),
        api("POST approvals/{request}/approve", DIGEST, WRITE, **VOTE),
        api("POST approvals/{request}/reject", {"reason": "no"}, WRITE, **VOTE),
        page(f"POST {PENDING}/vote", {**DIGEST, "vote": "approve"}, fills=False),
        page(f"POST {PENDING}/vote", {"comment": "no", "vote": "reject"}, fills=False),
        page("POST approvals/{request}/approve", DIGEST),
        page("POST approvals/{request}/reject", {"reason": "no"}),
    ),
    do(
        "complete an approval",
        May.APPROVE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/complete-approval", {}, WRITE),
        page(f"POST {PENDING}/complete-approval", fills=False),
    ),
    look(
        "take one's own vote back",
        Sees.PROD,
        api(f"POST {PENDING}/withdraw-vote", {}, WRITE, fills=False, **VOTE),
        page(f"POST {PENDING}/withdraw-vote", fills=False),
        page("POST approvals/{request}/withdraw", fills=False),
    ),
    do(
        "deploy and retry",
        May.DEPLOY_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/deploy", {}, DEPLOY),
        api(f"POST {PENDING}/retry", {}, DEPLOY),
        page(f"POST {PENDING}/deploy", fills=False),
        page(f"POST {PENDING}/retry", fills=False),
    ),
    do(
        "make somebody else's open release anew",
        May.CREATE_RELEASE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/recreate", {}, WRITE, fills=False),
        page(f"POST {PENDING}/recreate", fills=False),
        also=May.CANCEL_RELEASE,
    ),
    do(
        "ask for break-glass",
        May.OVERRIDE_FREEZE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/break-glass", {"reason": "fire"}, DEPLOY),
        page(f"POST {PENDING}/break-glass", {"reason": "fire"}),
    ),
    do(
        "confirm break-glass",
        May.OVERRIDE_FREEZE,
        On.PROD,
        Sees.PROD,
        api(f"POST {PENDING}/break-glass/confirm", {}, DEPLOY, **VOTE),
        page(f"POST {PENDING}/break-glass/confirm", fills=False),
    ),
    look(
        "vote on what one ticked, each by itself",
        Sees.EVERYONE,
        page("POST approvals/decide", {"decision": "approve"}),
    ),
    look(
        "see the inbox",
        Sees.EVERYONE,
        api("GET approvals", spans=True),
        page("GET approvals"),
    ),
]
