"""Words that people, charts and Git bring in stay words on every page that shows them.

Names of files cannot carry such words: ``test_put_overlay`` refuses them.
"""

import re
from html import escape
from html.parser import HTMLParser

import pytest

from environments import actions as environments
from environments.actions import VariablePlace
from environments.models import VariableScope
from environments.packages import read_package
from releases import actions
from releases.models import Release
from tests import make
from tests.releases.pages.conftest import html

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
LINK = "[press](javascript:alert(3)) <a href='javascript:alert(4)'>x</a>"
EVIL = f"'\">{SCRIPT}"
ROOT = "/projects/shop"
PAGES = (
    *("/", "/projects", "/approvals", "/charts", "/audit", "/inbox"),
    *("", "/history", "/releases", "/releases/new", "/variables", "/workloads"),
)


class Harm(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        runs = tag == "script" and "src" not in told and "json" not in str(told)
        links = [str(told.get(name)) for name in ("href", "src", "action", "hx-get")]
        has_link = any(
            re.match(r"\s*javascript:", link, re.IGNORECASE) for link in links
        )
        handles = any(name.startswith(("on", "hx-on")) for name in told)
        if runs or has_link or handles or told.get("src") == "x":
            self.found.append((tag, told))


@pytest.fixture
def world(shop, dev, do, edit, create, submit, deploy, dora, bob):
    """Bring hostile words in by every door that takes words."""
    root = make.user("root", is_superuser=True)
    description = f"apiVersion: v2\nname: web\nversion: 2.0.0\ndescription: |\n  {EVIL}"
    about = f"{description}\nappVersion: |-\n  {SCRIPT}\nhome: javascript:alert(5)\n"
    data = make.chart_archive("web", "2.0.0", {"Chart.yaml": about})
    version = do(environments.upload_chart, read_package(data), actor=root).version
    workload = make.workload(shop, "api", chart=version, on=[dev])
    do(
        environments.set_values,
        workload,
        text=f"# {EVIL}\nword: |-\n  {EVIL}\n",
        message=EVIL,
        actor=root,
    )
    repo = VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, repo, key="HOST", value=EVIL, actor=root)
    edit(dev, fast=SCRIPT)
    words = {"title": EVIL, "notes": f"{EVIL} {LINK}"}
    release = deploy(submit(create(dev, content=words)))
    do(actions.comment_on, release, actor=root, body=f"{EVIL} {LINK}")
    edit(dev, fast=f"{SCRIPT} again")
    shop.name = EVIL
    shop.save()
    root.first_name = SCRIPT
    root.save()
    return root, Release.objects.get(pk=release.pk)


def pages_of(release):
    at = release.get_absolute_url()
    git = f"{ROOT}/repository"
    yield from (page if page.startswith("/") else f"{ROOT}{page}" for page in PAGES)
    yield from (f"{ROOT}{page}" for page in PAGES if page.count("/") == 1)
    yield from (f"{at}?diff={level}" for level in ("plain", "resolved", "manifest"))
    yield from (f"{at}/evidence", f"{at}/edit", f"{at}/rollback", f"{at}/why")
    yield from (git, f"{git}/commits/main", f"{git}/commit/{release.commit_sha}")
    yield from (f"{ROOT}/workloads/api", f"{ROOT}/workloads/api/values")
    yield from (f"/search?q={EVIL}", f"{ROOT}/releases/compare?from={EVIL}&to={EVIL}")


def test_words_stay_words_on_every_page(reader, world):
    """Security 17: script in titles, notes, charts, commits, diffs and variables."""
    root, release = world
    shown, escaped = [], 0
    assert release.commit_sha

    for url in pages_of(release):
        answer = reader.get(root, url)
        if answer.status_code in {200, 404} and "html" in answer["Content-Type"]:
            page = html(answer)
            harm = Harm()
            harm.feed(page)
            assert harm.found == [], url
            shown += [url] * (answer.status_code == 200)
            escaped += escape("<script>alert(1)") in page

    assert len(shown) > 15, shown
    assert escaped > 8
