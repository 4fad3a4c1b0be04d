"""Forms of an environment's policy and of its freezes."""

from datetime import datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone

from environments.actions import WindowTerms
from environments.actions.freezes import MAX_REASON
from environments.editing import MAX_MESSAGE
from environments.forms.versioned import VersionedForm
from environments.models import DeployMode
from environments.policies import PolicyTerms
from gitopshq.core.forms import RefusableForm

LOCAL: Final = "%Y-%m-%dT%H:%M"
"""How browsers write a date and a time."""


class LocalTime(forms.DateTimeField):
    """A moment on somebody's wall clock; which zone is the form's affair."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "datetime-local"}
        widget = forms.DateTimeInput(attrs=attrs, format=LOCAL)
        super().__init__(widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> Any:
        if not value:
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except (TypeError, ValueError) as error:
            raise forms.ValidationError("write it as 2026-12-31T18:00") from error


class PolicyForm(VersionedForm):
    ids = "policy"

    required_approvals = forms.IntegerField(
        min_value=0,
        help_text="How many different people must agree. 0: nobody has to.",
    )
    block_self_approval = forms.BooleanField(
        required=False,
        label="Whoever authored or edited a release may not approve it",
    )
    approval_expiry_hours = forms.IntegerField(
        required=False,
        min_value=1,
        label="Approvals expire after (hours)",
        help_text="Empty: never.",
    )
    auto_approve = forms.BooleanField(
        required=False, label="Approve by itself what is submitted"
    )
    block_self_deploy = forms.BooleanField(
        required=False, label="The author of a release may not deploy it"
    )
    deploy_mode = forms.ChoiceField(
        choices=DeployMode.choices, label="Approved releases are deployed"
    )
    message = forms.CharField(max_length=MAX_MESSAGE, required=False)

    @property
    def terms(self) -> dict[str, Any]:
        """The fields of ``PolicyTerms``."""
        names = PolicyTerms().to_json()
        return {name: self.cleaned_data[name] for name in names}


class FreezeForm(RefusableForm):
    """Freeze now; times are on the clock of whoever is asking."""

    ids = "freeze"

    reason = forms.CharField(max_length=MAX_REASON, required=False)
    until = LocalTime(required=False, help_text="Empty: until it is lifted by hand.")

    @property
    def given(self) -> dict[str, Any]:
        """What ``freeze`` takes."""
        until = self.cleaned_data["until"]
        zone = timezone.get_current_timezone()
        return {
            "reason": self.cleaned_data["reason"],
            "until": until.replace(tzinfo=zone) if until else None,
        }


class WindowForm(RefusableForm):
    """A window: once, or repeated by an RRULE on the clock of a zone."""

    ids = "window"

    reason = forms.CharField(max_length=MAX_REASON, required=False)
    starts_at = LocalTime(label="From")
    ends_at = LocalTime(label="To")
    time_zone = forms.CharField(
        max_length=64,
        initial="UTC",
        help_text="An IANA name such as Europe/Berlin; repeats keep its clock.",
        widget=forms.TextInput(attrs={"list": "zones"}),
    )
    rrule = forms.CharField(
        max_length=MAX_REASON,
        required=False,
        label="Repeats",
        help_text="An RRULE such as FREQ=WEEKLY;BYDAY=FR. Empty: once.",
    )
    tenant = forms.ChoiceField(required=False)
    whole_project = forms.BooleanField(
        required=False, label="For all environments of the project"
    )

    def __init__(self, data: Any = None, *, tenants: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        everyone = [("", "All tenants")]
        choices = [*everyone, *((slug, slug) for slug in tenants)]
        self.field("tenant").choices = choices

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise forms.ValidationError("is no time zone of the IANA database")
        return name

    @property
    def terms(self) -> WindowTerms:
        """The window, its ends on the clock of its own zone."""
        given = self.cleaned_data
        zone = ZoneInfo(given["time_zone"])
        return WindowTerms(
            starts_at=_moment(given["starts_at"], zone),
            ends_at=_moment(given["ends_at"], zone, is_end=True),
            reason=given["reason"],
            rrule=given["rrule"],
            time_zone=given["time_zone"],
        )


def _moment(clock: datetime, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """Return the moment of a wall clock: in an overlap the second one ends."""
    moment = clock.replace(tzinfo=zone, fold=int(is_end))
    # What lies in a gap moves forward by it.
    there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(zone)
    if there_and_back.replace(tzinfo=None) == clock:
        return moment
    before = cast(timedelta, (moment - timedelta(days=1)).utcoffset())
    return (clock - before).replace(tzinfo=ZoneInfo("UTC"))
