"""The door of Git: who clones, and that nobody pushes."""

import base64
from dataclasses import replace

import pytest

from tests.permissions.callers import PEOPLE, TOKENS, Caller
from tests.permissions.counting import count
from tests.permissions.rows import Sees
from tests.permissions.world import World

DOORS = {
    "read the branches": ("GET", "info/refs?service=git-upload-pack"),
    "fetch": ("POST", "git-upload-pack"),
    "ask to push": ("GET", "info/refs?service=git-receive-pack"),
    "push": ("POST", "git-receive-pack"),
}
GIT = frozenset({"git:read"})
CALLERS = [
    *TOKENS,
    *(
        replace(caller, name=f"git of {caller.name}", scopes=GIT)
        for caller in PEOPLE
        if caller.signed_in and not (caller.is_dead or caller.is_forged)
    ),
]


def expected(action: str, caller: Caller) -> int:
    if caller.is_dead or not {"git:read", "admin"} & (caller.scopes or frozenset()):
        return 401
    if caller.bound_to not in ("", "shop") or not caller.views(Sees.WHOLE):
        return 404
    return 403 if "push" in action else 200


@pytest.mark.parametrize("action", list(DOORS))
def test_git_is_read_by_who_sees_the_whole_project(
    world: World, request: pytest.FixtureRequest, client, action: str
):
    """S3: S92: reading needs the whole project, and pushing is refused to everybody."""
    method, path = DOORS[action]
    answers = {}
    for caller in CALLERS:
        secret = world.secret_of(caller)
        basic = base64.b64encode(f"x:{secret}".encode()).decode()
        response = client.generic(
            method,
            f"/git/shop.git/{path}",
            b"0000",
            "application/x-git-upload-pack-request",
            HTTP_AUTHORIZATION=f"Basic {basic}",
        )
        answers[caller.name] = response.status_code
        if response.streaming:
            # To its end: the client then keeps the connection, and no child is left.
            b"".join(response.streaming_content)
    nobody = client.generic(method, f"/git/shop.git/{path}")

    told = {caller.name: expected(action, caller) for caller in CALLERS}
    assert {n: a for n, a in answers.items() if a != told[n]} == {}
    assert nobody.status_code == 401
    count(request, "Git", action, {**told, "nobody": 401})
