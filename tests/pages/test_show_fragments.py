"""The shared fragments and tags, each rendered with the shape it documents."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.template.loader import render_to_string

from gitopshq.core.templatetags import ui
from releases.models import Status
from tests.pages import samples

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
HTMX = finders.find("django_htmx/htmx-2.min.js")
VOID = {"input", "br", "meta", "link", "hr", "img", "use", "wbr"}


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        assert "style" not in names, "no inline styles under our policy"
        assert not [name for name in names if name.startswith("on")]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def rendered(name, **context):
    markup = render_to_string(f"ui/{name}.html", context, context.pop("request", None))
    parser = Balanced()
    parser.feed(markup)
    assert parser.open == []
    return markup


def words(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def template(text, **context):
    return Template(text).render(Context(context))


def test_every_fragment_says_what_it_needs():
    silent = [
        path.name
        for path in (TEMPLATES / "ui").glob("*.html")
        if not re.match(r"\{# .+ #\}", path.read_text().splitlines()[0])
    ]

    assert silent == []


def test_every_icon_a_template_names_is_in_the_sprite():
    sprite = set(
        re.findall(r'id="([a-z0-9-]+)"', (STATIC / "icons/icons.svg").read_text())
    )
    named = {drawn for _, drawn in [*ui.STATUSES.values(), *ui.CHANGE_TYPES.values()]}
    for path in TEMPLATES.rglob("*.html"):
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text()))
        named |= set(
            re.findall(r'{% nav_link \w+ "\w+" "([a-z0-9-]+)"', path.read_text())
        )

    assert named <= sprite


def test_no_template_has_inline_script_or_style():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(
            r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on", text
        ), path
        assert not re.search(r'(?:src|href)="https?://', text), path


def test_style_sheets_are_small_and_say_what_they_are():
    for path in (STATIC / "css").rglob("*.css"):
        lines = path.read_text().splitlines()
        assert lines[0].startswith("/* "), path
        assert len(lines) <= 120, path


def test_every_style_sheet_is_linked_once():
    linked = re.findall(
        r'static "(css/[^"]+)"', (TEMPLATES / "ui/_styles.html").read_text()
    )
    present = {
        str(path.relative_to(STATIC)) for path in (STATIC / "css").rglob("*.css")
    }

    assert len(linked) == len(set(linked))
    assert set(linked) == present - {"css/admin.css"}


def test_scripts_are_small_modules():
    """G2: 40 kB, compressed, over the whole product, with htmx."""
    linked = re.findall(
        r'static "(js/[^"]+)"', (TEMPLATES / "ui/_scripts.html").read_text()
    )

    assert {f"js/{path.name}" for path in (STATIC / "js").glob("*.js")} == set(linked)
    for path in (STATIC / "js").glob("*.js"):
        assert len(path.read_text().splitlines()) <= 100, path
    everything = [*(STATIC / "js").glob("*.js"), Path(HTMX)]
    total = sum(len(gzip.compress(path.read_bytes())) for path in everything)
    assert total <= 40_000, total


@pytest.mark.parametrize("code", sorted(ui.STATUSES))
def test_a_status_is_icon_and_word(code):
    """Colour is never the only sign."""
    markup = template("{% status code %}", code=code)

    assert f'data-status="{code}"' in markup
    assert "<svg" in markup
    assert words(markup) == ui.STATUSES[code][0]


def test_every_state_of_a_release_has_a_status():
    assert set(Status.values) <= set(ui.STATUSES)


def test_people_are_named_and_you_are_told():
    assert words(template("{% person who %}", who="Alice")) == "A Alice"
    assert words(template("{% person who who %}", who="Bob")) == "B Bob (you)"
    assert words(template("{% person who %}", who=None)) == "G GitOpsHQ"


def test_names_and_values_are_escaped():
    evil = '"><script>alert(1)</script>'

    shown = template(
        "{% person evil %}{% shift evil evil %}{% status evil evil %}"
        "{% icon 'check' label=evil %}",
        evil=evil,
    )

    assert "<script>" not in shown


def test_lines_are_counted_with_signs():
    assert words(template("{% delta 12 3 %}")) == "+12 added \N{MINUS SIGN}3 removed"
    assert words(template("{% delta 0 3 %}")) == "\N{MINUS SIGN}3 removed"


def test_a_step_that_is_open_is_a_form():
    step = {"label": "Deploy", "url": "/d", "allowed": True, "fields": {"digest": "ab"}}

    markup = rendered("_step", step=step, target="#release")

    assert '<form class="step-form" method="post" action="/d" hx-post="/d"' in markup
    assert '<input type="hidden" name="digest" value="ab">' in markup


def test_a_step_that_is_closed_says_why():
    step = {"label": "Deploy", "url": "/d", "allowed": False, "reason": "Needs 1 more"}

    markup = rendered("_step", step=step)

    assert "<form" not in markup
    assert 'aria-disabled="true" aria-describedby="why-not-deploy"' in markup
    assert '<p class="reason" id="why-not-deploy">Needs 1 more</p>' in markup


def test_what_blocks_stands_before_what_passes():
    """S111: gate signals are displayed, each with its reason."""
    markup = rendered("_gates", gates=samples.gates())

    assert re.findall(r'data-gate="(\w+)"', markup) == ["fail", "wait", "pass", "pass"]
    assert "Failed Stale source Carol changed LOG_LEVEL" in words(markup)


def test_changes_to_pick_carry_their_revision_and_what_they_need():
    markup = rendered("_changes_list", groups=samples.groups(), pick=True)

    assert f'name="changes" value="{"a" * 32}@{"b" * 16}"' in markup
    assert "Needs PAYMENT_TIMEOUT" in words(markup)
    assert f'name="include" value="{"c" * 32}"' in markup
    assert markup.count(" disabled") == 1
    assert "already in R-46" in words(markup)
    assert "reverted here by R-44" in words(markup)


def test_changes_to_read_have_no_boxes():
    markup = rendered("_changes_list", groups=samples.groups(), pick=False)

    assert "<input" not in markup
    assert "checkout image from 2.7.4 to 2.8.0" in words(markup)


def test_a_changed_file_folds_and_counts():
    markup = rendered("_file", file=samples.file(), side_by_side=True)

    assert 'id="m-5c90e1d0"' in markup
    assert "25 unchanged lines" in words(markup)
    assert "diff--one" not in markup
    assert "diff--one" in rendered(
        "_file", file=samples.file(letter="A"), side_by_side=True
    )


def test_errors_come_all_at_once_each_with_its_place():
    markup = rendered("_problems", problems=samples.problems())

    assert "checkout: values.yaml:14" in words(markup)
    assert "&lt;b&gt;no such chart&lt;/b&gt;" in markup


@pytest.mark.parametrize(
    ("name", "context", "said"),
    [
        ("_timeline", {"steps": samples.timeline()}, "Carol approved"),
        ("_votes", {"approval": samples.approval()}, "created the release"),
        ("_deploy_steps", {"steps": samples.deploy_steps()}, "lost the race, 10 times"),
        ("_explain", {"links": samples.explanation()}, "3. Environment prod, wins 5"),
        ("_copy", {"value": "8d41c7e0", "shown": "8d41c7e"}, "8d41c7e"),
        ("_empty", {"title": "Nothing waiting", "text": "…"}, "Nothing waiting"),
        ("_errors", {"problems": samples.problems()}, "This was not saved."),
        (
            "_tree",
            {"groups": [{"name": "checkout", "files": [samples.file()]}]},
            "Changed",
        ),
        (
            "_tabs",
            {"tabs": [{"label": "Plain", "url": "#", "added": 8}]},
            "Plain +8 added",
        ),
        (
            "_flash",
            {"tone": "danger", "title": "Stale.", "text": "It moved."},
            "It moved.",
        ),
        ("_pager", {"next": "abc", "shown": 50}, "50 shown Older"),
    ],
)
def test_a_fragment_shows_its_sample(name, context, said, rf):
    assert said in words(rendered(name, request=rf.get("/"), **context))


class Policy(forms.Form):
    required = forms.IntegerField(label="Approvals", help_text="How many.")
    block = forms.BooleanField(label="Not the author", required=False)


def test_a_field_ties_its_hint_and_its_error_to_the_control():
    markup = rendered("_fields", form=Policy({"required": "x"}))

    assert 'aria-invalid="true"' in markup
    assert 'class="input"' in markup
    described = re.findall(r'aria-describedby="([^"]+)"', markup)[0].split()
    for name in described:
        assert f'id="{name}"' in markup
    assert '<label class="check check--text"><input type="checkbox"' in markup
