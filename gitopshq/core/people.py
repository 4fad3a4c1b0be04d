"""Making people. There is no sign-up: operators do it."""

from allauth.account.models import EmailAddress
from django.db import transaction

from gitopshq.core import audit
from gitopshq.core.models import User


@transaction.atomic
def create_user(
    name: str,
    *,
    password: str | None,
    email: str = "",
    is_superuser: bool = False,
    actor: User | None,
) -> User:
    """Make a person who can log in at once; without a password, once they have one.

    :raises django.core.exceptions.ValidationError: when the name is taken or illegal,
        or the address is none.
    """
    user = User(
        username=name,
        email=User.objects.normalize_email(email),
        is_superuser=is_superuser,
        is_staff=is_superuser,
    )
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    if email:
        EmailAddress.objects.create(
            user=user, email=user.email, verified=True, primary=True
        )
    after = {"username": name, "email": user.email, "is_superuser": is_superuser}
    audit.record("user.created", user, actor=actor, after=after)
    return user
