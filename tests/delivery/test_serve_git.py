"""Hosted Git over HTTP: who is let in, what they are shown, and that nobody writes."""

import base64
import os
import subprocess
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from delivery import advancing, publishing, source_mirror
from delivery.models import RefMove
from delivery.repositories import repositories_of
from environments.locking import lock_project
from environments.models import Project
from environments.permissions import Role
from gitopshq.core import tokens
from gitopshq.core.models import ApiToken
from tests import make
from tests.delivery.conftest import CONFIG, commit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(shop, prod, put, rendered):
    """Have one release on main, one built but not let through, and source mirrored."""

    def build(value):
        put(CONFIG.format(name="flags", value=value))
        tip = publishing.tip_of(shop)
        commit = commit_of(prod, rendered().tree)
        return tip, publishing.build_release_commit(commit, tip=tip)

    tip, first = build("1")
    with transaction.atomic():
        lock_project(shop)
        assert advancing.advance_ref(
            shop, old=tip, new=first, job="R-1", permit=lambda: None
        )
    _, waiting = build("2")
    source_mirror.catch_up(shop)
    return first, waiting


@pytest.fixture
def olga(shop):
    """Looks on, everywhere in the project."""
    return make.user("olga", role=Role.VIEWER, on=shop)


def basic(secret):
    pair = base64.b64encode(f"any:{secret}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def ask(client, secret=None, *, project="shop", service="git-upload-pack"):
    return client.get(
        f"/git/{project}.git/info/refs?service={service}",
        headers={} if secret is None else basic(secret),
    )


def token(owner, **fields):
    return make.token(owner, scopes=fields.pop("scopes", ["git:read"]), **fields)[1]


def test_without_a_token_nobody_is_let_in(client, shop, olga):
    for answer in (ask(client), ask(client, "gohq_" + "x" * 43), ask(client, "")):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic ")
    broken = client.get(
        "/git/shop.git/info/refs?service=git-upload-pack",
        headers={"authorization": "Basic ÄÖ"},
    )
    assert broken.status_code == 401


@pytest.mark.parametrize("scopes", [["git:read"], ["admin"], ["read", "git:read"]])
def test_a_token_with_the_scope_reads(client, published, olga, scopes):
    """S70: a read credential is enough."""
    answer = ask(client, token(olga, scopes=scopes))

    assert answer.status_code == 200
    assert published[0] in answer.getvalue().decode()


@pytest.mark.parametrize("scopes", [["read"], ["releases:deploy", "config:write"]])
def test_a_token_without_the_scope_does_not(client, shop, olga, scopes):
    assert ask(client, token(olga, scopes=scopes)).status_code == 401


def test_a_token_that_ended_does_not(client, shop, olga):
    expired = token(olga, expires_at=timezone.now() + timedelta(hours=1))
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    row, revoked = make.token(olga, scopes=["git:read"])
    tokens.revoke_token(row, actor=None)

    assert ask(client, expired).status_code == 401
    assert ask(client, revoked).status_code == 401


def test_a_token_dies_with_its_owner(client, shop, olga):
    secret = token(olga)
    assert ask(client, secret).status_code == 200

    olga.is_active = False
    olga.save(update_fields=["is_active"])

    assert ask(client, secret).status_code == 401


def test_what_one_may_not_view_is_not_there(client, shop, olga):
    """A stranger, a token of another project, and a project that does not exist."""
    other = make.project("other")
    stan = make.user("stan")
    guest = make.user("guest", role=Role.VIEWER, on=make.environment(shop, "dev"))

    answers = [
        ask(client, token(stan)),
        ask(client, token(guest)),
        ask(client, token(olga), project="other"),
        ask(client, token(olga), project="nowhere"),
        ask(client, token(olga, project=other.slug)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert len({answer.content for answer in answers}) == 1
    assert ask(client, token(olga, project="shop")).status_code == 200


def test_a_project_may_let_anybody_in_to_main_alone(client, published, shop):
    Project.objects.filter(pk=shop.pk).update(allows_anonymous_git=True)

    shown = ask(client).getvalue().decode()

    assert published[0] in shown
    assert "refs/heads/source" not in shown
    assert ask(client, "gohq_wrong").status_code == 401


def test_source_is_for_those_who_view_every_environment(client, published, shop, olga):
    seen = ask(client, token(olga)).getvalue().decode()
    assert "refs/heads/main" in seen
    assert "refs/heads/source" in seen


@pytest.mark.parametrize("lost", ["commits", "branch", "repository"])
def test_a_branch_that_lost_what_was_published_is_not_served(
    client, published, shop, olga, caplog, lost
):
    """A cluster would go back to what an older copy says."""
    main = repositories_of(shop).main
    secret = token(olga)
    assert ask(client, secret).status_code == 200
    match lost:
        case "commits":
            moves = RefMove.objects.values_list("old_commit", flat=True)
            (main / "refs/heads/main").write_text(f"{moves.first()}\n")
        case "branch":
            (main / "refs/heads/main").unlink()
        case "repository":
            main.rename(main.with_name("away"))

    refused = ask(client, secret)
    posted = client.post("/git/shop.git/git-upload-pack", headers=basic(secret))

    assert [refused.status_code, posted.status_code] == [503, 503]
    assert b"lost commits" in refused.content
    assert "not served" in caplog.text
    assert not (main / "HEAD").exists() or lost != "repository"


@pytest.mark.parametrize("service", ["", "git-upload-archive", "upload-pack"])
def test_only_fetching_by_the_smart_protocol_is_offered(client, shop, olga, service):
    """S18: no dumb HTTP, no archive."""
    assert ask(client, token(olga), service=service).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "HEAD",
        "config",
        "git-upload-archive",
        "info/packs",
        "objects/info/packs",
        "objects/info/alternates",
        "objects/info/http-alternates",
        "objects/{id_[:2]}/{id_[2:]}",
        "objects/pack/pack-{id_}.pack",
        "refs/heads/main",
        "info/lfs/objects/batch",
        "../renderings.git/info/refs?service=git-upload-pack",
        "%2e%2e/renderings.git/info/refs?service=git-upload-pack",
        "renderings.git/info/refs?service=git-upload-pack",
    ],
)
def test_no_file_of_a_repository_has_an_address(client, published, olga, path):
    """S18: what was not let through is reached by no path beside the smart one."""
    wanted = path.replace("{id_[:2]}", published[1][:2])
    wanted = wanted.replace("{id_[2:]}", published[1][2:]).replace(
        "{id_}", published[1]
    )

    for method in (client.get, client.post):
        answer = method(f"/git/shop.git/{wanted}", headers=basic(token(olga)))
        assert answer.status_code == 404


def test_a_push_is_refused_before_and_after_the_token(client, shop, olga):
    assert ask(client, service="git-receive-pack").status_code == 401
    refused = ask(client, token(olga, scopes=["admin"]), service="git-receive-pack")
    posted = client.post(
        "/git/shop.git/git-receive-pack", headers=basic(token(olga, scopes=["admin"]))
    )

    for answer in (refused, posted):
        assert answer.status_code == 403
        assert b"read-only" in answer.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_real_git_reads_and_cannot_write(live_server, published, olga, tmp_path):
    """S3, S70: clone, shallow clone, list and fetch; every push is refused."""
    first, waiting = published
    url = live_server.url.replace("://", f"://any:{token(olga)}@") + "/git/shop.git"

    listed = run_git(tmp_path, "ls-remote", url).stdout
    run_git(tmp_path, "clone", "--quiet", url, "whole")
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", url, "shallow")
    whole = tmp_path / "whole"

    assert f"{first}\trefs/heads/main" in listed
    assert run_git(whole, "rev-parse", "HEAD").stdout.strip() == first
    assert run_git(whole, "fsck", "--strict", "--full").stdout == ""
    manifest = whole / "acme" / "prod" / "flags" / "configmap-flags.yaml"
    assert manifest.read_text() == CONFIG.format(name="flags", value="1")
    counted = run_git(tmp_path / "shallow", "rev-list", "--count", "HEAD").stdout
    assert counted.strip() == "1"
    assert run_git(whole, "log", "--format=%s", "origin/source").stdout

    refused = run_git(whole, "push", "origin", "HEAD:main", code=None)
    assert refused.returncode != 0
    assert "read-only" in refused.stderr
    for version in "012":
        fetched = run_git(
            whole,
            *("-c", f"protocol.version={version}", "fetch", "origin", waiting),
            code=None,
        )
        assert fetched.returncode != 0, "what was not let through is not there"
    assert run_git(
        repositories_of(Project.objects.get()).renderings, "cat-file", "-t", waiting
    ).stdout.strip() == ("commit")


def run_git(folder, *arguments, code=0):
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert code is None or done.returncode == code, done.stderr
    return done
