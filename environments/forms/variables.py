"""The forms that set, delete and rename a variable at one scope."""

from collections.abc import Iterable
from typing import Any

from django import forms

from environments.actions.variables import MAX_DESCRIPTION
from environments.editing import MAX_MESSAGE
from environments.forms.versioned import VersionedForm
from environments.models import Variable
from gitopshq.core.errors import DomainError
from gitopshq.core.forms import RefusableForm

TYPE_AGAIN = "The value was not kept on this page, as it is a secret: type it again."


class VariableForm(VersionedForm):
    """A value at a scope. A secret that is left empty stays as it is."""

    ids = "variable"

    key = forms.CharField(max_length=128, label="Name")
    scope = forms.ChoiceField()
    value = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    secret = forms.BooleanField(
        required=False, help_text="Write-only from then on: nobody can read it here."
    )
    description = forms.CharField(max_length=MAX_DESCRIPTION, required=False)
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        scopes: Iterable[tuple[str, str]],
        row: Variable | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.row = row
        self.field("scope").choices = list(scopes)
        if row is not None and row.is_secret:
            said = "Leave it empty to keep the secret; write to replace it."
            self.field("value").help_text = said

    def clean_value(self) -> str:
        """Browsers send CRLF for a line end."""
        value: str = self.cleaned_data["value"]
        return value.replace("\r\n", "\n")

    @property
    def given(self) -> dict[str, Any]:
        """What ``set_variable`` takes."""
        given = {
            name: self.cleaned_data[name]
            for name in ("key", "value", "secret", "description", "message")
        }
        if self.row is not None and self.row.is_secret and not given["value"]:
            given["value"] = None
        return given

    def refuse(self, refusal: DomainError) -> None:
        """Keep what was typed, but for a secret."""
        super().refuse(refusal)
        self._forget_secret()

    def is_valid(self) -> bool:
        fine = super().is_valid()
        if self.is_bound and not fine:
            self._forget_secret()
        return fine

    def blank_secret(self) -> bool:
        """Take a secret that was typed off the page; say whether there was one."""
        is_typed = bool(self.data.get("secret") and self.data.get("value"))
        if is_typed:
            self.data = self.data.copy()
            self.data["value"] = ""
            self["value"].help_text = TYPE_AGAIN
        return is_typed

    def _forget_secret(self) -> None:
        if self.blank_secret():
            self.add_error("value", TYPE_AGAIN)


class DeleteForm(RefusableForm):
    """A deletion of a variable."""

    ids = "delete"

    message = forms.CharField(max_length=MAX_MESSAGE, required=False)


class RenameForm(RefusableForm):
    """Another name for a variable."""

    ids = "rename"

    key = forms.CharField(max_length=128, label="New name")
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)
