"""P6 and P7: a stock git reads from us, and from a web server with git's own backend.

Both serve one target of 10,000 files and twenty deploys after the first, each for a
password: ours as deploys left it, theirs as a mirror of it. Clones are bare: writing a
work tree is the client's own business, and the same for both.
"""

import os
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from delivery.repositories import repositories_of
from environments.permissions import Role
from gitopshq.core.models import TokenScope, User
from tests import make
from tests.bench import harness, hosting, plain_git
from tests.bench.deploying import Filled
from tests.bench.shop import size

_THEIRS = plain_git.words()
_CLONES = 20
_PAGES = 100
# Clones run in clusters, not on the server: where both are one machine, it is the
# server's processor that a page is to wait for, and not theirs.
_NICENESS_ELSEWHERE = 19
_AT_ONCE = """
started=
for number in $(seq "$2"); do
    nice -n "$3" git clone --quiet --bare "$1" "$number.git" &
    started="$started $!"
done
for one in $started; do
    wait "$one" || exit
done
"""


class Hosted:
    """One repository, served by us and plainly; ``ours`` and ``theirs`` are URLs."""

    def __init__(self, work: harness.Workshop) -> None:
        self.folder = work.folder
        self.filled = Filled(size(200))
        for number in range(20):
            self.filled.edit(number)
            self.filled.deploy()
        project = self.filled.shop.project
        self.person: User = make.user(role=Role.VIEWER, on=project)
        _, secret = make.token(self.person, scopes=[TokenScope.GIT_READ])
        self.path = repositories_of(project).source
        self.mirror = self.folder / "served" / f"{project.slug}.git"
        git("clone", "--quiet", "--mirror", f"file://{self.path}", self.mirror)
        plain = plain_git.served(self.mirror.parent, self.folder / "plain")
        host = work.stack.enter_context(plain)
        self.theirs = f"{host}/{self.mirror.name}"
        self.address = work.stack.enter_context(hosting.web(self.folder))
        netloc = urlsplit(self.address).netloc
        self.ours = f"http://any:{secret}@{netloc}/git/{project.slug}.git"

    def deploy(self, run: int) -> None:
        """Publish one more change, on both."""
        self.filled.edit(100 + run)
        self.filled.deploy()
        git("fetch", "--quiet", cwd=self.mirror)

    def clone(self, url: str, *options: str, to: str = "clone.git") -> None:
        place = self.folder / to
        git("clone", "--quiet", "--bare", *options, url, place)
        shutil.rmtree(place)


def git(*arguments: str | Path, cwd: Path | None = None) -> None:
    """Run the stock git."""
    run(["git", "-c", "safe.directory=*", *arguments], cwd=cwd)


def run(command: Sequence[str | Path], *, cwd: Path | None) -> None:
    """Run a program with nobody's settings of git; it must go well."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    subprocess.run(command, cwd=cwd, env=environ, check=True)


@harness.benchmark("P6-clone", goal=1.15, theirs=_THEIRS, runs=9)
def clone_of_10_000_files(work: harness.Workshop) -> harness.Pair:
    hosted = Hosted(work)
    return harness.Pair(
        partial(hosted.clone, hosted.ours), partial(hosted.clone, hosted.theirs)
    )


@harness.benchmark("P6-depth1", goal=1.15, theirs=_THEIRS, runs=9)
def clone_of_depth_1(work: harness.Workshop) -> harness.Pair:
    hosted = Hosted(work)
    return harness.Pair(
        partial(hosted.clone, hosted.ours, "--depth=1"),
        partial(hosted.clone, hosted.theirs, "--depth=1"),
    )


@harness.benchmark("P6-fetch", goal=1.15, theirs=_THEIRS, runs=25)
def fetch_of_1_change(work: harness.Workshop) -> harness.Pair:
    hosted = Hosted(work)
    for name in ("ours", "theirs"):
        git("clone", "--quiet", "--bare", hosted.theirs, hosted.folder / name)

    def fetch(url: str, into: str) -> None:
        git("fetch", "--quiet", url, "main", cwd=hosted.folder / into)

    return harness.Pair(
        partial(fetch, hosted.ours, "ours"),
        partial(fetch, hosted.theirs, "theirs"),
        hosted.deploy,
    )


@harness.benchmark("P7-clones", goal=1.2, theirs=_THEIRS, runs=3)
def twenty_clones_at_once_of_10_000_files(work: harness.Workshop) -> harness.Pair:
    hosted = Hosted(work)
    return harness.Pair(
        partial(_clone_all, hosted, hosted.ours),
        partial(_clone_all, hosted, hosted.theirs),
    )


@harness.benchmark("P7-page", goal=10, theirs="the page while nobody clones", runs=3)
def page_while_20_clone_at_the_99th_percentile(
    work: harness.Workshop,
) -> harness.Pair:
    hosted = Hosted(work)
    page = _Page(hosted)

    def meanwhile() -> float:
        over = threading.Event()
        clones = threading.Thread(target=_clone_until, args=(hosted, over))
        clones.start()
        taken = [page.look() for _ in range(_PAGES)]
        over.set()
        clones.join()
        return statistics.quantiles(taken, n=100)[98]

    def idle() -> float:
        return statistics.median(page.look() for _ in range(_PAGES))

    note = f"clones run at niceness {_NICENESS_ELSEWHERE}, as if they were elsewhere"
    return harness.Pair(meanwhile, idle, note=note)


def _clone_until(hosted: Hosted, over: threading.Event) -> None:
    while not over.is_set():
        _clone_all(hosted, hosted.ours, niceness=_NICENESS_ELSEWHERE)


def _clone_all(hosted: Hosted, url: str, *, niceness: int = 0) -> float:
    """Clone so many times at once; return how many seconds it took.

    A shell starts them: threads of ours would hold up whoever reads a page meanwhile.
    """
    place = hosted.folder / "clones"
    place.mkdir()
    began = time.perf_counter()
    command = ["sh", "-c", _AT_ONCE, "sh", url, str(_CLONES), str(niceness)]
    run(command, cwd=place)
    took = time.perf_counter() - began
    shutil.rmtree(place)
    return took


class _Page:
    """The list of releases of the project, read by one person over one connection."""

    def __init__(self, hosted: Hosted) -> None:
        client = Client()
        client.force_login(hosted.person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
        self.netloc = urlsplit(hosted.address).netloc
        self.path = f"/projects/{hosted.filled.shop.project.slug}/releases"
        self.look()

    def look(self) -> float:
        """Open the page; return how many seconds it took."""
        connection = HTTPConnection(self.netloc, timeout=120)
        began = time.perf_counter()
        connection.request("GET", self.path, headers=self.headers)
        answer = connection.getresponse()
        said = answer.read()
        took = time.perf_counter() - began
        connection.close()
        assert answer.status == 200, (answer.status, said[:200])
        return took
