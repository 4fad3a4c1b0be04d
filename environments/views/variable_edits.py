"""Editing, deleting and renaming one variable: what the page of variables adds then."""

from dataclasses import replace
from typing import Any, Final

from django.urls import reverse

from environments import proposing
from environments.actions import VariablePlace
from environments.desired.impact import ANY_VALUE
from environments.desired.state import VariableState
from environments.forms.variables import DeleteForm, RenameForm, VariableForm
from environments.models import Variable, VariableScope
from environments.selectors import impact_of_variable, in_reach
from environments.selectors.references import (
    Reference,
    answered_by,
    missing_without,
    places_using,
)
from environments.sourcing import variable_state
from environments.views.reviews import AGREED, Review
from environments.views.variables_page import MANAGE, VariablesPage
from gitopshq.core.errors import NotFound, NotPermitted
from gitopshq.core.forms import RefusableForm

NO_NAME: Final = (
    "Once it has a name, what it would move is shown here before anything is saved."
)


class VariableEdits:
    """What one person is about to do to one variable."""

    def __init__(self, page: VariablesPage, data: Any = None) -> None:
        self.page = page
        self.data = data
        self.ticked = data.getlist(AGREED) if data is not None else ()

    def review(self, form: VariableForm) -> Review | None:
        """Return what saving *form*, which is valid, would move.

        None for whoever looks and may not save there: they must not learn by guessing.

        :raises NotPermitted: for whoever saves without ``variables.manage`` there,
            before anything is said of what is there now
        :raises ValidationError: for a key or value that breaks a rule
        """
        scope, given = form.cleaned_data["scope"], form.given
        if not self.page.may(VariableScope(scope)):
            if self.is_looking:
                return None
            raise NotPermitted(permission=MANAGE.value)
        if form.row is None and not given["value"] and self.is_looking:
            return self.guess(scope, given["key"])
        place = self.page.place(scope)
        row = proposing.proposed(
            form.row or Variable(key=given["key"], **place.fields),
            value=given["value"],
            secret=given["secret"],
        )
        return self._review(place, given["key"], row)

    def guess(self, scope: str, key: str) -> Review | None:
        """Return what any other value there would move, once a key is known."""
        known = VariableScope(scope) if scope in self.page.scopes else None
        if not key or known is None or not self.page.may(known):
            return None
        service = self.page.service if known == VariableScope.SVC else None
        row = VariableState(scope, key, service, ANY_VALUE)
        return self._review(self.page.place(scope), key, row, is_guess=True)

    def deletion(self, row: Variable, place: VariablePlace) -> Review | None:
        """Return what it would move to delete a row; None where that is refused."""
        if not self._may(place) or self._missing(row):
            return None
        return self._review(place, row.key, None)

    def renamed(
        self, row: Variable, place: VariablePlace, form: RenameForm
    ) -> Review | None:
        """Return what the name that was typed would move: texts may hold it already.

        None where nothing fit to save was typed, or for whoever may not save there.
        """
        if not (form.is_valid() and self._may(place)):
            return None
        key = form.cleaned_data["key"]
        return self._review(place, key, replace(variable_state(row), key=key))

    @property
    def is_looking(self) -> bool:
        """Whether the form was sent to be looked at, not saved."""
        return self.data is not None and self.data.get("do") == "check"

    def looking(self, form: VariableForm, review: Review | None) -> dict[str, Any]:
        """Return what is told beside a form that is being typed into."""
        errors = [str(said) for found in form.errors.values() for said in found]
        return {
            "impact": review.shown() if review else None,
            "impact_hint": " ".join(errors) if form.data.get("key") else NO_NAME,
        }

    def editing(self, form: VariableForm, review: Review | None) -> dict[str, Any]:
        """Return what the page shows beside the form of a value."""
        return {
            "form": form,
            "doing": "edit",
            "impact": review.shown() if review else None,
            "impact_hint": NO_NAME,
            "is_moved": form.is_moved,
            "now": self.page.now(form),
        }

    def removing(
        self,
        row: Variable,
        place: VariablePlace,
        form: RefusableForm | None = None,
        review: Review | None = None,
    ) -> dict[str, Any]:
        """Return what the page shows before a deletion.

        :param review: the ``deletion``, where *form* was sent
        """
        if form is None:
            review = self.deletion(row, place)
        return {
            **self._about(row, place, "delete"),
            "form": form or DeleteForm(),
            "impact": review.shown() if review else None,
            "needed": self.page.places(places_using(self._missing(row))),
        }

    def renaming(
        self,
        row: Variable,
        place: VariablePlace,
        form: RefusableForm | None = None,
        review: Review | None = None,
    ) -> dict[str, Any]:
        """Return what the page shows to give a variable another name.

        :param review: of the name that was typed, where *form* was sent
        """
        used = answered_by(row, self.page.references, self.page.rows)
        return {
            **self._about(row, place, "rename"),
            "form": form or RenameForm(initial={"key": row.key}),
            "impact": review.shown() if review else None,
            "needed": self.page.places(places_using(used)),
        }

    def asked(self) -> dict[str, Any]:
        """Return what the address asks for, if it asks for an edit."""
        asked, page = self.page.asked, self.page
        for doing, show in (("delete", self.removing), ("rename", self.renaming)):
            if doing in asked:
                row = page.row(page.key, asked[doing])
                if row is None:
                    raise NotFound
                return show(row, page.place(asked[doing]))
        if not {"scope", "new"} & asked.keys():
            return {}
        form = page.form()
        return self.editing(form, self.guess(str(form["scope"].value()), page.key))

    def _about(self, row: Variable, place: VariablePlace, doing: str) -> dict[str, Any]:
        project = self.page.home.project.slug
        return {
            "doing": doing,
            "row": row,
            "place": place.words,
            "may_row": self._may(place),
            "step_url": reverse(
                f"environments:{doing}_variable", args=[project, row.pk]
            ),
        }

    def _missing(self, row: Variable) -> list[Reference]:
        return missing_without(row, self.page.references, self.page.rows)

    def _may(self, place: VariablePlace) -> bool:
        stage = place.target.environment if place.target else place.environment
        return self.page.home.may(MANAGE, stage)

    def _review(
        self,
        place: VariablePlace,
        key: str,
        row: VariableState | None,
        *,
        is_guess: bool = False,
    ) -> Review:
        service = place.workload.name if place.workload else ""
        targets = in_reach(
            self.page.home.targets,
            environment=place.environment,
            tenant=place.tenant,
            target=place.target,
        )
        at = (place.scope.value, key, service)
        impact = impact_of_variable(
            targets,
            place=at,
            row=row,
            uses=self.page.references,
            variables=self.page.rows,
        )
        is_broad = place.target is None
        return Review(impact, is_broad, tuple(self.ticked), is_guess)
