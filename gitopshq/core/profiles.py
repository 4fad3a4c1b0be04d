"""What a person changes about themselves."""

from zoneinfo import available_timezones

from django.db import transaction

from gitopshq.core import audit
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User
from gitopshq.core.models.users import Theme

MAX_NAME = 100
FIELDS = ("display_name", "theme", "time_zone", "keyboard_shortcuts")


@transaction.atomic
def update_profile(
    *,
    display_name: str,
    theme: str,
    time_zone: str,
    keyboard_shortcuts: bool,
    actor: User,
) -> User:
    """Change how *actor* is called and what pages look like to them.

    :raises ValidationError: for a theme or a time zone that there is not
    """
    if theme not in Theme.values:
        raise ValidationError.of("/theme", f"one of {', '.join(Theme.values)}")
    if time_zone not in available_timezones():
        detail = "is no time zone of the IANA database"
        raise ValidationError.of("/timeZone", detail)
    user = User.objects.select_for_update().get(pk=actor.pk)
    before = {name: getattr(user, name) for name in FIELDS}
    after = {
        "display_name": display_name.strip()[:MAX_NAME],
        "theme": theme,
        "time_zone": time_zone,
        "keyboard_shortcuts": keyboard_shortcuts,
    }
    moved = [name for name in FIELDS if before[name] != after[name]]
    if moved:
        for name in moved:
            setattr(user, name, after[name])
        user.save(update_fields=moved)
        audit.record(
            "user.profile_changed",
            user,
            actor=actor,
            before={name: before[name] for name in moved},
            after={name: after[name] for name in moved},
        )
    return user
