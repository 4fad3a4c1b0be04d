"""The browser of the project's branches: every commit leads to its release."""

import re
from html import unescape

import pytest

from delivery.git.locks import lock
from delivery.git.probing import Probe
from delivery.git.repository import Repository
from delivery.reading import note_reading
from delivery.repositories import repositories_of
from environments.actions import put_manifests
from environments.models import Project
from environments.permissions import Role
from tests import make
from tests.git import make as git_make
from tests.releases.pages.conftest import html

ROOT = "/projects/shop/repository"
FILE = "acme/dev/flags/configmap-flags-slow.yaml"
CANARIES = ("canary-blue-17", "canary-green-18")
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: token
stringData:
  token: {value}
"""


@pytest.fixture
def shipped(do, dev, edit, create, submit, deploy):
    """Two releases: the second changes one of two files."""
    edit(dev, fast="1", slow="1")
    first = deploy(submit(create(dev, content={"title": "Set flags"})))
    edit(dev, fast="1", slow="2")
    notes = "As agreed on Monday."
    content = {"title": "Go slower", "notes": notes}
    return first, deploy(submit(create(dev, content=content)))


def at(reader, user, path, status=200):
    response = reader.get(user, f"{ROOT}{path}")
    assert response.status_code == status, path
    return html(response) if status == 200 else ""


def written(release, path):
    """Return what stands in Git."""
    folder = repositories_of(release.project).main
    return git_make.git("show", f"{release.commit_sha}:{path}", cwd=folder)


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_nothing_is_there_before_the_first_deploy(reader, dev, alice):
    assert "Nothing was deployed yet" in at(reader, alice, "")
    assert "Nothing to follow yet" in at(reader, alice, "/connect")
    assert "initial" in text_of(at(reader, alice, "/commits/main"))


def test_folders_name_what_changed_each_entry_last(reader, shipped, alice):
    first, second = shipped
    assert second.name in at(reader, alice, "")

    page = at(reader, alice, "/tree/main/acme/dev/flags")

    rows = dict(re.findall(r"configmap-flags-(\w+)\.yaml.*?>(R-\d)\b", page, re.DOTALL))
    assert rows == {"fast": first.name, "slow": second.name}
    assert "slow" in at(reader, alice, f"/tree/{first.name}/acme/dev/flags")


def test_each_line_of_a_file_names_its_release(reader, shipped, alice):
    """The line that the second release changed is its own, all others the first's."""
    first, second = shipped

    page = at(reader, alice, f"/tree/main/{FILE}")

    parts = page.split('class="source__part"')[1:]
    told = [
        (name, '"2"' in text_of(part))
        for part in parts
        for name in re.findall(r">(R-\d) ", part)
    ]
    assert (second.name, True) in told
    assert (first.name, False) in told
    assert {name for name, has_value in told if has_value} == {second.name}
    raw = reader.get(alice, f"{ROOT}/raw/{first.commit_sha}/{FILE}")
    assert raw.content.decode().strip() == written(first, FILE)
    assert raw["Content-Type"] == "text/plain; charset=utf-8"


def test_commits_are_those_of_the_path_and_lead_to_releases(reader, shipped, alice):
    first, second = shipped
    for path, names in (
        ("", {first.name, second.name}),
        ("/acme/dev/flags/configmap-flags-fast.yaml", {first.name}),
    ):
        page = at(reader, alice, f"/commits/main{path}")
        assert set(re.findall(r">(R-\d)</a>", page)) == names
    older = at(reader, alice, f"/commits/main?cursor={second.commit_sha}")
    assert set(re.findall(r">(R-\d)</a>", older)) == {first.name}
    mirrored = text_of(at(reader, alice, "/commits/source"))
    assert "an edit" in mirrored


def test_a_commit_shows_its_words_and_what_it_changed(reader, shipped, alice):
    """S69: a reader finds release, author and approved digest in the commit."""
    first, second = shipped

    page = text_of(at(reader, alice, f"/commit/{second.commit_sha}"))

    for said in ("Release-Id", f"shop/{second.name}", "As agreed on Monday."):
        assert said in page
    assert second.digest in page
    assert FILE in page
    assert "configmap-flags-fast" not in page
    assert first.commit_sha[:10] in page


def test_clusters_are_told_how_to_follow_each_target(reader, shipped, alice):
    page = at(reader, alice, "/connect")

    assert "http://testserver/git/shop.git" in page or "/git/shop.git" in page
    assert "argoproj.io/v1alpha1" in page
    assert "kustomize.toolkit.fluxcd.io/v1" in page
    assert "git:read" in page
    assert "Nobody yet" in page
    assert "Nothing matches" in at(reader, alice, "/connect?q=nowhere")


def test_a_test_of_the_connection_says_what_came_back(
    reader, shipped, alice, monkeypatch
):
    """O3: with a token that is typed in and never shown again."""
    _, second = shipped
    asked = []

    def answer(url, *, password):
        asked.append(password)
        branches = (("main", second.commit_sha),)
        return Probe(url, 200, 0.031, "", ("version 2", "ls-refs"), branches)

    monkeypatch.setattr("delivery.connecting.probe", answer)
    note_reading(second.project, token=None, agent="argo-cd/v3.1")

    page = html(reader.post(alice, f"{ROOT}/connect/test", {"token": "gohq_typed"}))

    assert asked == ["gohq_typed"]
    assert "gohq_typed" not in page
    words = text_of(page)
    assert "It can be read. With the token you gave." in words
    assert f"main is at {second.commit_sha[:10]}" in words
    assert "version 2, ls-refs" in words
    assert f"Argo CD argo-cd/v3.1 none: anonymous {second.name}" in words
    assert "the latest" in words

    down = Probe("http://hq/git/shop.git", None, 5.0, "no answer: timed out")
    monkeypatch.setattr("delivery.connecting.probe", lambda url, *, password: down)
    words = text_of(html(reader.post(alice, f"{ROOT}/connect/test", {"token": ""})))
    assert "It cannot be read so. no answer: timed out." in words


ABSENT = [
    "/tree/other",
    f"/tree/{'0' * 40}",
    "/tree/R-9",
    "/tree/main/acme/none",
    f"/raw/main/{FILE}x",
    "/raw/main/acme",
    "/commits/main?cursor=abc",
    f"/commits/main?cursor={'0' * 40}",
    f"/commit/{'0' * 40}",
    "/commit/main-2",
]


def test_what_is_not_there_or_reached_by_no_branch_is_absent(reader, shipped, alice):
    _, second = shipped
    with Repository(repositories_of(second.project).main) as main, lock(main.path):
        hidden = git_make.commit_edits(main, second.commit_sha, {"a.txt": b"x"})

    for path in [*ABSENT, f"/commit/{hidden}", f"/tree/{hidden}"]:
        at(reader, alice, path, status=404)


def test_who_sees_one_environment_alone_sees_no_repository(reader, shipped, dev):
    """Git knows no rights inside a repository (domain 10)."""
    guest = make.user("gina", role=Role.VIEWER, on=dev.environment)

    for path in ("", "/commits/main", "/connect", f"/raw/main/{FILE}"):
        at(reader, guest, path, status=404)


def test_values_inside_secrets_are_on_no_page(
    reader, do, shop, dev, create, submit, deploy, alice
):
    """Domain 6: the diff says that one changed; only Git itself hands it out."""
    Project.objects.filter(pk=shop.pk).update(secrets_in_git="plain")
    name = "acme/dev/token/secret-token.yaml"
    made = []
    for value in CANARIES:
        text = SECRET.format(value=value)
        do(put_manifests, dev, name="token", files={"token.yaml": text}, actor=None)
        made.append(deploy(submit(create(dev))))

    assert CANARIES[1] in written(made[1], name)
    for path in (
        f"/tree/main/{name}",
        f"/tree/{made[0].name}/{name}",
        f"/raw/main/{name}",
        f"/commit/{made[1].commit_sha}",
    ):
        page = at(reader, alice, path)
        assert "fingerprint" in page or "secret" in page
        assert not [value for value in CANARIES if value in page], path

    # Cut off, it is no YAML any more: nobody can tell what of it to mask.
    broken = f"{name}x"
    cut = SECRET.format(value=f'"{CANARIES[0]}').encode()
    with Repository(repositories_of(shop).main) as main:
        git_make.advance(main, {broken: cut})
    page = at(reader, alice, f"/tree/main/{broken}")
    assert "nothing says whether it holds a Secret" in page
    assert CANARIES[0] not in page
    assert "/raw/" not in page
    at(reader, alice, f"/raw/main/{broken}", status=404)
