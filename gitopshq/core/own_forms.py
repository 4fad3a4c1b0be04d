"""The forms of one's own profile and tokens."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from gitopshq.core.forms import RefusableForm
from gitopshq.core.models import TokenScope
from gitopshq.core.models.users import Theme
from gitopshq.core.profiles import MAX_NAME
from gitopshq.core.tokens import MAX_NAME as MAX_TOKEN_NAME

LIVES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year", "": "never"}


class ProfileForm(RefusableForm):
    ids = "profile"

    display_name = forms.CharField(
        max_length=MAX_NAME, required=False, help_text="Empty: your user name."
    )
    theme: Any = forms.ChoiceField(choices=Theme.choices)
    time_zone = forms.ChoiceField(help_text="Times are shown on its clock.")
    keyboard_shortcuts = forms.BooleanField(
        required=False, label="Keyboard shortcuts, listed by the key ?"
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        zones = sorted(available_timezones())
        self.field("time_zone").choices = [(name, name) for name in zones]


class TokenForm(RefusableForm):
    ids = "token"

    name = forms.CharField(max_length=MAX_TOKEN_NAME, help_text="What it is for.")
    scopes = forms.MultipleChoiceField(
        choices=[
            (scope.value, f"{scope.value}: {scope.label}") for scope in TokenScope
        ],
        widget=forms.CheckboxSelectMultiple,
        label="It may",
    )
    project = forms.SlugField(
        max_length=40,
        required=False,
        label="In one project alone",
        help_text="Its slug. Empty: in all of yours.",
    )
    life = forms.ChoiceField(
        choices=list(LIVES.items()), required=False, initial="90", label="Expires after"
    )

    @property
    def given(self) -> dict[str, Any]:
        """What ``issue_token`` takes."""
        given = dict(self.cleaned_data)
        days = given.pop("life")
        end = timezone.now() + timedelta(days=int(days)) if days else None
        return {**given, "expires_at": end}
