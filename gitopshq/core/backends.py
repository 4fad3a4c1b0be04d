"""Who is signed in: the person of a session, with what every page asks of them."""

from django.contrib.auth.backends import ModelBackend

from gitopshq.core.models import User
from gitopshq.core.rows import one_of


class SessionBackend(ModelBackend):
    """Name and password; and people with the service account that they are, if any.

    Every right depends on that account: it would be the next thing asked.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the active person of that key, or None."""
        people = User.objects.select_related("service_account__owner")
        return one_of(people.filter(pk=user_id, is_active=True))
