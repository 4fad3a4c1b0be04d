"""How tests vote for releases, and ask for them over HTTP."""

from approvals import actions as approvals
from approvals.subjects import request_for

RELEASES = "/api/v1/projects/shop/releases"


def vote(release, actor, **kwargs):
    given = {"digest": release.digest, **kwargs}
    return approvals.approve(request_for(release), actor=actor, **given)


def body_of(target, **fields):
    return {
        "tenant": target.tenant.slug,
        "environment": target.environment.slug,
        "title": "Change flags",
        **fields,
    }


def problem(response):
    answer = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert answer["requestId"]
    return response.status_code, answer["code"]
