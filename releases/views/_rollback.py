"""Pages about going back as their templates show them: choices, warnings, history."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse

from environments.desired.reverting import FieldDifference
from gitopshq.core.models import User
from releases.actions.rolling_back import default_title
from releases.forms import RollbackForm
from releases.models import Release, RollbackScope
from releases.previewing import Preview
from releases.rollbacks import Reversal
from releases.selectors.rollback_page import RollbackPage, marks_left_by
from releases.views import _target
from releases.views._changes import dotted
from releases.views._looking import Look
from releases.views._words import freeze_in_short, policy_words

FIELDS_AT_ONCE: Final = 400


def place_of(field: FieldDifference) -> str:
    """Return a field as the form names it."""
    return f"{field.file}#{field.path}"


def initial(page: RollbackPage) -> dict[str, Any]:
    """Return what the form starts with: all of it."""
    title = default_title(page.to, Reversal(RollbackScope.FULL))
    return {"scope": RollbackScope.FULL.value, "title": title}


def context(page: RollbackPage, form: RollbackForm) -> dict[str, Any]:
    """Return what the form shows."""
    to, target = page.to, page.to.target
    ticked = {name: set(form[name].value() or []) for name in ("services", "places")}
    return {
        "release": to,
        "target": target,
        "project": to.project,
        "deployed": page.deployed,
        "form": form,
        "problems": form.problems,
        "scope": form["scope"].value(),
        "services": [
            {"name": name, "ticked": name in ticked["services"]}
            for name in page.services
        ],
        "files": _files(page.fields[:FIELDS_AT_ONCE], ticked["places"]),
        "not_listed": max(0, len(page.fields) - FIELDS_AT_ONCE),
        "undone": page.undone,
        "marks_left": page.marks_left,
        "variables": [_field(one, set()) for one in page.variables],
        "archived": page.archived,
        "has_changed": page.has_changed,
        "policy": policy_words(page.terms),
        "status": "pending_approval" if page.terms.is_gated else "draft",
        "freeze": page.freeze,
        "freeze_words": freeze_in_short(page.freeze),
    }


def preview_context(
    to: Release, found: Preview, look: Look, user: User, *, url: str
) -> dict[str, Any]:
    """Return the three diffs of a rollback that is not made yet, with warnings."""
    where = [to.project.slug, to.number]
    shown = _target.preview_context(to.target, found, look, user, url=url)
    return {
        **shown,
        "release": to,
        "create_url": reverse("releases:rollback", args=where),
        "marks_left": marks_left_by(found),
    }


def _files(fields: Sequence[FieldDifference], ticked: set[str]) -> list[dict[str, Any]]:
    files: dict[str, list[dict[str, Any]]] = {}
    for field in fields:
        files.setdefault(field.file, []).append(_field(field, ticked))
    return [{"file": file, "fields": found} for file, found in files.items()]


def _field(field: FieldDifference, ticked: set[str]) -> dict[str, Any]:
    place = place_of(field)
    return {
        "place": place,
        "ticked": place in ticked,
        "file": field.file,
        "name": dotted(field.path) or "all of the file",
        "now": _short(field.now),
        "then": _short(field.then),
    }


_LONGEST: Final = 80


def _short(value: str | None) -> str:
    """Return a value on one line, in a word where there is none."""
    line = "none" if value is None else " ".join(value.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
