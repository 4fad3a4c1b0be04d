"""Forms of workloads: making them, their settings, bindings, values and images."""

from collections.abc import Iterable
from typing import Any

from django import forms

from environments.actions.images import ImageReference
from environments.editing import MAX_MESSAGE
from environments.forms.versioned import VersionedForm
from environments.models import ChartVersion, TenantEnvironment
from gitopshq.core.forms import RefusableForm

NAMESPACE = "Where its resources go, in place of the target's namespace."


class ChartVersionChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.chart.name} {obj.version}"


def chart_versions() -> Any:
    return ChartVersion.objects.select_related("chart").order_by(
        "chart__name", "-uploaded_at", "-pk"
    )


class WorkloadForm(RefusableForm):
    """A new workload."""

    ids = "new"

    name = forms.CharField(
        max_length=40, help_text="Its slug: lower-case letters, digits, hyphens."
    )
    chart_version = ChartVersionChoice(
        queryset=ChartVersion.objects.none(), label="Chart", empty_label="Choose one"
    )
    namespace = forms.CharField(max_length=63, required=False, help_text=NAMESPACE)

    names = {"chart": "chart_version", "chartVersion": "chart_version"}

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.field("chart_version").queryset = chart_versions()


class WorkloadSettingsForm(VersionedForm):
    ids = "settings"
    names = {"chart": "chart_version", "chartVersion": "chart_version"}

    chart_version = ChartVersionChoice(
        queryset=ChartVersion.objects.none(), label="Chart", empty_label=None
    )
    namespace = forms.CharField(max_length=63, required=False, help_text=NAMESPACE)
    allow_nondeterministic = forms.BooleanField(
        required=False,
        label="Let its output differ between runs",
        help_text=(
            "For charts that make up names or passwords: the first output is kept "
            "until an input changes."
        ),
    )
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.field("chart_version").queryset = chart_versions()


class BindingForm(RefusableForm):
    """Puts a workload into a target, or changes its overrides there."""

    ids = "bind"
    names = {"": "target", "chartVersion": "chart_version"}

    target = forms.ChoiceField()
    namespace = forms.CharField(max_length=63, required=False, help_text=NAMESPACE)
    chart_version = ChartVersionChoice(
        queryset=ChartVersion.objects.none(),
        required=False,
        label="Chart version",
        empty_label="As the workload",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        targets: Iterable[TenantEnvironment],
        chart: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("target").choices = [(str(t), str(t)) for t in targets]
        versions = chart_versions().filter(chart=chart)
        self.field("chart_version").queryset = versions


class ValuesForm(VersionedForm):
    ids = "values"
    names = {"": "text"}

    text = forms.CharField(
        required=False,
        strip=False,
        label="Values",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )
    message = forms.CharField(
        max_length=MAX_MESSAGE, required=False, help_text="What and why, in one line."
    )


class ImageForm(RefusableForm):
    """A new tag or digest, in the layer it is written to."""

    ids = "image"

    layer = forms.ChoiceField()
    path = forms.CharField(
        max_length=500,
        initial="/image",
        help_text="JSON Pointer of the image in the values.",
    )
    tag = forms.CharField(max_length=128, required=False)
    digest = forms.CharField(max_length=150, required=False)
    repository = forms.CharField(
        max_length=255, required=False, help_text="Empty: stays as it is."
    )
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)

    def __init__(
        self, data: Any = None, *, layers: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("layer").choices = list(layers)

    @property
    def image(self) -> ImageReference:
        """What to run from now on."""
        given = self.cleaned_data
        return ImageReference(
            tag=given["tag"] or None,
            digest=given["digest"] or None,
            repository=given["repository"] or None,
        )
