"""Shapes of what people type. What it means is checked by the actions."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from approvals.models import LONGEST_COMMENT
from environments.desired.reverting import Field
from environments.forms.versioned import VersionedForm
from environments.models import Workload
from environments.models.tenancy import SLUG
from gitopshq.core.forms import RefusableForm
from releases.actions.cancelling import LONGEST_REASON
from releases.actions.commenting import LONGEST
from releases.actions.creating import Content
from releases.models import Evidence, RollbackScope, Status
from releases.rollbacks import Reversal

NOTES_TEMPLATE: Final = """\
Why:

Risk:

How to check afterwards:
"""
"""What notes are asked to say, for those who approve and who look back later."""


class NotesField(forms.CharField):
    """Notes, prompted for; what was left as it was proposed is no notes."""

    def __init__(self, hint: str, *, rows: int = 6, longest: int = 100_000) -> None:
        super().__init__(
            required=False,
            max_length=longest,
            initial=NOTES_TEMPLATE,
            widget=forms.Textarea(attrs={"rows": rows}),
            help_text=f"Markdown. {hint}",
        )

    def clean(self, value: Any) -> Any:
        """Return what somebody wrote; spaces and empty lines are no writing."""
        notes = super().clean(value)
        return "" if notes.split() == NOTES_TEMPLATE.split() else notes


def _prose(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=64 * 1024,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SlugField(forms.RegexField):
    """A name that goes into addresses and paths, and never changes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            SLUG,
            max_length=40,
            error_messages={
                "invalid": "Use lower-case letters, digits and inner hyphens."
            },
            help_text="Lower-case letters, digits, hyphens. Never changes.",
            widget=forms.TextInput(
                attrs={"autocapitalize": "none", "spellcheck": "false"}
            ),
            **options,
        )


class ProjectForm(forms.Form):
    name = forms.CharField(max_length=100)
    slug = SlugField(label="Short name")
    description = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class BindForm(forms.Form):
    """A workload of the project that is not in the target yet."""

    workload: forms.Field = forms.ModelChoiceField(Workload.objects.none())

    def __init__(
        self, *args: Any, workloads: QuerySet[Workload], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["workload"] = forms.ModelChoiceField(
            workloads, to_field_name="name"
        )


class ReleaseForm(RefusableForm):
    """What a person says about a release."""

    names = {"plannedWindow": "planned_end"}
    ids = "release"

    title = forms.CharField(max_length=200)
    notes = NotesField("Approvers read this first.")
    ticket = forms.CharField(required=False, max_length=100)
    planned_start = forms.DateTimeField(
        label="Planned from",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    planned_end = forms.DateTimeField(
        label="Planned until",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    rollback_plan = forms.CharField(
        label="Rollback plan",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    fallback_owner = forms.CharField(
        label="Fallback owner",
        required=False,
        max_length=150,
        help_text="Who decides when it goes wrong.",
    )

    def content(self) -> Content:
        """Return what was typed, as the action takes it."""
        return Content(**self.cleaned_data)


class BulkReleaseForm(RefusableForm):
    """What is said of several releases at once; each target takes it alone."""

    ids = "bulk"

    title = forms.CharField(max_length=200)
    notes = NotesField("The same words stand in each release.", longest=64 * 1024)
    ticket = forms.CharField(required=False, max_length=100)

    def content(self) -> Content:
        """Return what was typed, as the action takes it."""
        return Content(**self.cleaned_data)

    def say(self, refusals: Sequence[str]) -> None:
        """Say why nothing came of it, at the head of the form."""
        for refusal in refusals:
            self.add_error(None, refusal)


class VoteForm(forms.Form):
    digest = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)
    vote = forms.ChoiceField(choices=[("approve", "Approve"), ("reject", "Reject")])


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the release, and told to those who were asked.",
    )


class RollbackForm(RefusableForm):
    """What goes back to an earlier release, and what people say about that."""

    names = {"fields": "places"}
    ids = "rollback"

    scope = forms.ChoiceField(choices=RollbackScope.choices, initial="full")
    services: forms.Field = forms.MultipleChoiceField(required=False)
    places: forms.Field = forms.MultipleChoiceField(required=False)
    overwrite = forms.BooleanField(
        required=False,
        label="Put back also what was changed more than once since",
        help_text="Otherwise such a field is refused, and named.",
    )
    title = forms.CharField(max_length=200)
    notes = NotesField("Why it goes back; approvers read this first.")

    def __init__(
        self,
        *args: Any,
        services: Sequence[str],
        places: Sequence[str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.field("services").choices = [(name, name) for name in services]
        self.field("places").choices = [(place, place) for place in places]

    def reversal(self) -> Reversal:
        """Return what was chosen; ticks that another scope left behind do not count."""
        given = self.cleaned_data
        scope = RollbackScope(given["scope"])
        if scope == RollbackScope.SERVICE:
            return Reversal(scope, services=tuple(given["services"]))
        if scope == RollbackScope.FIELD:
            places = (place.partition("#") for place in given["places"])
            return Reversal(
                scope,
                fields=tuple(
                    Field(file, path, given["overwrite"]) for file, _, path in places
                ),
            )
        return Reversal(scope)


class PlaceFilters(forms.Form):
    """Where the rows of a list are, as it stands in the address."""

    tenant: forms.Field = forms.ChoiceField(required=False)
    environment: forms.Field = forms.ChoiceField(required=False)

    def __init__(
        self,
        *args: Any,
        tenants: Sequence[str],
        environments: Sequence[str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for name, slugs, words in (
            ("tenant", tenants, "Any tenant"),
            ("environment", environments, "Any environment"),
        ):
            self.fields[name] = forms.ChoiceField(
                required=False, choices=[("", words), *((s, s) for s in slugs)]
            )


class ReleaseFilters(PlaceFilters):
    """Filters of the list of releases, as they stand in the address."""

    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *Status.choices]
    )
    author = forms.CharField(
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"placeholder": "Author"}),
    )
    stale = forms.BooleanField(required=False, label="Stale only")


class EvidenceForm(VersionedForm):
    """What people write of the evidence (``Evidence.EDITABLE``)."""

    ids = "evidence"
    risk_summary = _prose(
        "Risk summary", "What could go wrong, and how bad it would be."
    )
    runtime_verification = _prose(
        "Runtime verification summary",
        "Health, drift and what users see. Other words void a verification.",
    )
    fallback_plan = _prose("Fallback plan", "The way back, and who decides.")
    follow_up_tasks = _prose(
        "Post-release follow-up tasks", "Markdown, as all of these."
    )

    def written(self) -> dict[str, str]:
        """Return the texts, with the line ends that texts have here."""
        return {
            name: str(self.cleaned_data[name]).replace("\r\n", "\n")
            for name in Evidence.EDITABLE
        }


class VerifyForm(RefusableForm):
    """What whoever looked has to say."""

    ids = "verify"
    note = forms.CharField(
        required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CommentForm(RefusableForm):
    """Something to say about a release."""

    ids = "comment"
    body = forms.CharField(
        label="Comment",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Markdown. It stays as it is: nobody edits or deletes it.",
    )
