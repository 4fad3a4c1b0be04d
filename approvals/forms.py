"""The forms of votes."""

from typing import Any, Final

from django import forms

from approvals.models import LONGEST_COMMENT
from gitopshq.core.forms import RefusableForm

MAX_ITEMS: Final = 200
NEEDS_COMMENT: Final = "To reject needs a comment: the authors read it."


def is_key(text: str) -> bool:
    """Say whether *text*, from an address or a form, can be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63))


class ApproveForm(RefusableForm):
    """A yes to exactly what was shown: the content of ``digest``."""

    ids = "approve"

    digest = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)


class RejectForm(RefusableForm):
    """A no; the comment is its reason."""

    ids = "reject"
    names = {"reason": "comment"}

    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)


class ViewForm(RefusableForm):
    """The name to keep the inbox's filters under; ``query`` is its address."""

    ids = "view"

    name = forms.CharField(max_length=40)
    query = forms.CharField(max_length=2000, required=False)

    @property
    def why_not(self) -> str:
        """The first thing that is wrong, for the middle of a sentence."""
        first = str(next(iter(self.errors.values()))[0]).rstrip(".")
        return first[:1].lower() + first[1:]


class BulkForm(forms.Form):
    """One decision on several requests, each as it was shown (``id@digest``)."""

    decision = forms.ChoiceField(choices=[("approve", ""), ("reject", "")])
    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)
    item = forms.Field(widget=forms.MultipleHiddenInput)

    def clean_item(self) -> list[tuple[int, str]]:
        """Return keys with digests.

        :raises ValidationError: where an item is no such pair
        """
        found = []
        for value in dict.fromkeys(self.cleaned_data["item"]):
            pk, _, digest = value.partition("@")
            if not is_key(pk):
                raise forms.ValidationError("Tick requests of the list.")
            found.append((int(pk), digest))
        return found[:MAX_ITEMS]

    def clean(self) -> dict[str, Any]:
        """Return the values.

        :raises ValidationError: where a rejection says nothing
        """
        given = self.cleaned_data
        if given.get("decision") == "reject" and not given.get("comment"):
            raise forms.ValidationError(NEEDS_COMMENT)
        return given

    def vote_on(self, digest: str) -> ApproveForm | RejectForm:
        """Return the vote that one of several is."""
        given = {"digest": digest, "comment": self.cleaned_data["comment"]}
        is_yes = self.cleaned_data["decision"] == "approve"
        return ApproveForm(given) if is_yes else RejectForm(given)

    @property
    def why_not(self) -> str:
        """The first thing that is wrong."""
        if "item" in self.errors:
            return "Tick at least one request."
        return str(next(iter(self.errors.values()))[0])
