"""What held at a moment, by the audit alone: freezes, rights, and the policy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.governance.records import Record

Policy = Mapping[str, Any]


class Circumstances:
    """Follows the entries that set them."""

    def __init__(self) -> None:
        self.live: Policy = {}
        self._holders: dict[str, set[str]] = {}
        self._frozen: Mapping[str, str | None] | None = None
        self._windows: dict[str, dict[str, Any]] = {}

    def take(self, record: Record) -> None:
        match record.event:
            case "policy.changed":
                self.live = {**self.live, **record.after}
            case "access.granted" | "access.revoked":
                who = record.data["grantee"].get("user", "")
                self._holders[who] = set(record.after)
            case "environment.frozen" | "environment.unfrozen":
                self._frozen = record.after
            case "freeze_window.added":
                self._windows[record.object] = dict(record.after)
            case "freeze_window.ended":
                self._windows[record.object]["ended"] = record.at

    def may(self, who: str, permission: str) -> bool:
        return permission in self._holders.get(who, ())

    def is_frozen(self, target: str, at: datetime) -> bool:
        """Say whether it is, by hand or by a window; ends are exclusive."""
        by_hand = self._frozen is not None and (
            not self._frozen["until"] or at < _moment(self._frozen["until"])
        )
        tenant, _, environment = target.partition("/")
        return by_hand or any(
            _covers(window, at)
            for window in self._windows.values()
            if window["tenant"] in (None, tenant)
            and window["environment"] in (None, environment)
        )


def strictest(policies: Sequence[Policy]) -> Policy:
    """Return what meets all of them, field by field."""
    hours = [policy["approval_expiry_hours"] for policy in policies]
    agreed = all(policy["auto_approve"] for policy in policies)
    required = max(policy["required_approvals"] for policy in policies)
    return {
        "required_approvals": 0 if agreed else required,
        "approval_expiry_hours": min(filter(None, hours), default=None),
        "deploys_itself": all(policy["deploy_mode"] == "auto" for policy in policies),
        **{
            name: any(policy[name] for policy in policies)
            for name in ("block_self_approval", "block_self_deploy")
        },
    }


def _covers(window: Mapping[str, Any], at: datetime) -> bool:
    start, end = _moment(window["starts_at"]), _moment(window["ends_at"])
    if "ended" in window and at >= window["ended"]:
        return False
    if not window["rrule"]:
        return start <= at < end
    zone = ZoneInfo(window["time_zone"])
    first, last, clock = (
        moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end, at)
    )
    found = rrulestr(window["rrule"], dtstart=first).before(clock, inc=True)
    return found is not None and clock < found + (last - first)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
