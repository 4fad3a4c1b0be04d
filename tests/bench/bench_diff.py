"""P8: a diff of 20,000 changed lines, until the first answer and until the first paint.

Theirs is what comes to mind first: difflib, Pygments for colours, a template that loops
over the rows. Ours is the page that lays two releases side by side, its three diffs
counted; what is painted is the page of a release, with all else that it shows.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.template import Context, Engine
from django.utils import timezone
from django.utils.safestring import mark_safe
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import YamlLexer  # type: ignore[import-untyped]

from delivery.git import locks, packs, trees
from delivery.git.ids import EMPTY_TREE
from delivery.git.repository import Repository
from delivery.models import Rendering, RenderingState
from delivery.repositories import repositories_of
from releases.models import Release, Snapshot, Status
from tests.bench import harness
from tests.bench.crowd import Reader, a_person, grant_all
from tests.bench.shop import Shop, size
from tests.journeys.browsing import chromium
from tests.services import chromium as where_chromium_is

BUDGET = 1.5
"""Seconds until the first paint (S36)."""

_TEMPLATE = """<table>{% for row in rows %}<tr class="{{ row.sign }}">
<td>{{ row.old }}</td><td>{{ row.new }}</td><td>{{ row.sign }}</td>
<td><code>{{ row.html }}</code></td></tr>
{% endfor %}</table>"""


class Changed:
    """A release that changes so many lines of its manifests, in files of a hundred."""

    def __init__(self, lines: int) -> None:
        self.shop = Shop(1)
        files = max(1, lines // 200)
        self.before = {f"svc/config-{n:03}.yaml": _file(n, "old") for n in range(files)}
        self.after = {f"svc/config-{n:03}.yaml": _file(n, "new") for n in range(files)}
        self.author = a_person()
        grant_all(self.author, [self.shop.target.environment])
        base = self._release(1, self._rendered(self.before), status=Status.DEPLOYED)
        self.release = self._release(2, self._rendered(self.after), base_release=base)

    def _rendered(self, files: dict[str, str]) -> Rendering:
        path = repositories_of(self.shop.project).renderings
        with Repository(path) as repository, locks.lock(path):
            tree, objects = trees.edit_tree(
                repository,
                EMPTY_TREE,
                {name: text.encode() for name, text in files.items()},
            )
            packs.add_pack(repository, objects)
        return Rendering.objects.create(
            project=self.shop.project,
            digest=f"{len(tree)}{tree}",
            state_document={},
            conditions=self.shop.rendered().conditions,
            state=RenderingState.READY,
            tree=tree,
            facts={"resources": len(files), "namespaces": [], "units": {}},
        )

    def _release(self, number: int, rendering: Rendering, **facts: Any) -> Release:
        state = self.shop.state()
        snapshot, _ = Snapshot.objects.get_or_create(
            project=self.shop.project,
            digest=state.digest,
            defaults={"document": state.to_json()},
        )
        if facts.get("status") == Status.DEPLOYED:
            facts |= {"commit_sha": "1" * 40, "deployed_at": timezone.now()}
        return Release.objects.create(
            project=self.shop.project,
            target=self.shop.target,
            number=number,
            title="Everything anew",
            author=self.author,
            baseline_digest=state.digest,
            snapshot=snapshot,
            base_snapshot=snapshot,
            rendering=rendering,
            digest=f"{number:064x}",
            **facts,
        )

    @property
    def path(self) -> str:
        """The page of the release."""
        return f"{self.release.get_absolute_url()}?diff=manifest"

    @property
    def compared(self) -> str:
        """The page that lays it beside the one before."""
        slug = self.shop.project.slug
        return f"/projects/{slug}/releases/compare/R-1...R-2?diff=manifest"


@harness.benchmark("P8", goal=0.06, theirs="difflib + Pygments + a template", runs=3)
def diff_page_of_20_000_changed_lines(work: harness.Workshop) -> harness.Pair:
    changed = Changed(size(20_000))
    page = Reader(changed.author, changed.compared, work.stack)
    template = Engine().from_string(_TEMPLATE)

    def by_the_book() -> str:
        rows = [
            row
            for path, text in changed.after.items()
            for row in _rows(changed.before[path], text)
        ]
        return str(template.render(Context({"rows": rows})))

    note = f"{page.queries} queries, {len(page.html) // 1024} KiB"
    return harness.Pair(page.look, by_the_book, note=note)


@harness.benchmark("P8-paint", goal=1, theirs=f"{BUDGET} s")
def first_paint_of_20_000_changed_lines(work: harness.Workshop) -> harness.Pair:
    changed = Changed(size(20_000))
    reader = Reader(changed.author, changed.path, work.stack)
    cookie = reader.client.cookies[settings.SESSION_COOKIE_NAME].value
    found = where_chromium_is()
    assert found, "no Chromium to paint with"
    url = work.stack.enter_context(_served())
    browser = work.stack.enter_context(chromium(found))
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}]
    )

    def paint() -> float:
        tab = context.new_page()
        tab.goto(f"{url}{changed.path}")
        assert tab.locator("#diff").count() == 1
        painted = tab.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        tab.close()
        return float(painted) / 1000

    return harness.Pair(paint, lambda: BUDGET)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing of requests."""


@contextmanager
def _served() -> Iterator[str]:
    """Serve the product with its files from a thread of this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _file(number: int, word: str) -> str:
    """Return a hundred settings, each with a word that an edit changes."""
    lines = [
        f"  SETTING_{number}_{line}: https://{word}.shop.example/{number}/{line}"
        for line in range(100)
    ]
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-{number}\ndata:"
    return "\n".join([head, *lines, ""])


def _rows(old: str, new: str) -> Iterator[dict[str, object]]:
    """Compare two texts line by line, each line in colours."""
    lexer, formatter = YamlLexer(), HtmlFormatter(nowrap=True)
    before, after = old.splitlines(), new.splitlines()

    def row(sign: str, old_at: object, new_at: object, text: str) -> dict[str, object]:
        shown = mark_safe(highlight(text, lexer, formatter))
        return {"sign": sign, "old": old_at, "new": new_at, "html": shown}

    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (row(" ", n, n - a + c, before[n]) for n in range(a, b))
        else:
            yield from (row("-", n, "", before[n]) for n in range(a, b))
            yield from (row("+", "", n, after[n]) for n in range(c, d))
