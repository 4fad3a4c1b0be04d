"""The form that turns a workload on or off in a scope."""

from collections.abc import Iterable
from typing import Any

from django import forms

from environments.editing import MAX_MESSAGE
from gitopshq.core.forms import RefusableForm

ON, OFF = "on", "off"


class SwitchForm(RefusableForm):
    """Where and which way: ``/`` is everywhere, then ``/prod``, ``acme/``, or both."""

    ids = "switch"

    scope = forms.ChoiceField()
    to = forms.ChoiceField(choices=[(ON, "On"), (OFF, "Off")])
    message = forms.CharField(
        max_length=MAX_MESSAGE, required=False, help_text="What and why, in one line."
    )

    def __init__(
        self, data: Any = None, *, scopes: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("scope").choices = list(scopes)
