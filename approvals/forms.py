"""The forms of a vote."""

from django import forms

from gitopshq.core.forms import RefusableForm

MAX_COMMENT = 10_000


class ApproveForm(RefusableForm):
    """A yes to exactly what was shown: the content of ``digest``."""

    ids = "approve"

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    comment = forms.CharField(max_length=MAX_COMMENT, required=False)


class RejectForm(RefusableForm):
    ids = "reject"

    reason = forms.CharField(
        max_length=MAX_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The author reads it. Rejecting cancels it for good.",
    )
