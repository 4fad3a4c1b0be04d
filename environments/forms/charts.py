"""The form that takes a packaged chart."""

from django import forms

from gitopshq.core.forms import RefusableForm


class ChartForm(RefusableForm):
    ids = "chart"

    file = forms.FileField(
        label="Packaged chart",
        help_text="A .tgz as `helm package` writes it, with its dependencies inside.",
        widget=forms.FileInput(attrs={"accept": ".tgz,.tar.gz,application/gzip"}),
    )
