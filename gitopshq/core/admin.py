"""People, groups and service accounts to keep; tokens to revoke; records to look at.

Every change is an audit entry, and nobody changes what they may do themselves.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from gitopshq.core import audit, departing, mailing, tokens
from gitopshq.core.errors import DomainError
from gitopshq.core.models import (
    ApiToken,
    AuditEntry,
    Delivery,
    DeliveryState,
    Notification,
    ServiceAccount,
    User,
)

# One door for people: throttling and second factors are allauth's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Second factors, addresses and sessions are for those whose they are, on their own
# pages: whoever could change them here would be whoever they like.
for _name in ("account", "socialaccount", "mfa", "usersessions"):
    if find_spec(f"allauth.{_name}.admin"):
        import_module(f"allauth.{_name}.admin")
for _model in list(admin.site._registry):  # noqa: SLF001
    admin.site.unregister(_model)

_POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


class Recorded(admin.ModelAdmin):
    """Writes what was changed here into the audit trail; deletes nothing.

    Superusers alone change it: whoever may only keep the list of people could make
    themselves anything else, or take over who they like by a new password.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "created", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def _record(
        self, request: HttpRequest, obj: Model, done: str, message: object
    ) -> None:
        assert isinstance(request.user, User)
        noun = str(obj._meta.model_name)
        with transaction.atomic():
            audit.record(
                f"{noun}.{done}", obj, actor=request.user, fields=message, door="admin"
            )


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Attached(admin.TabularInline):
    """Rows of something else, to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(Recorded, UserAdmin):
    actions = ["deactivate", "reactivate"]
    list_display = ["username", "display_name", "email", "is_active", "is_superuser"]
    readonly_fields = ["last_login", "date_joined"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = {"fields": ["display_name", "theme", "time_zone", "keyboard_shortcuts"]}
        given = super().get_fieldsets(request, obj)
        return [*given, ("In the product", own)] if obj else given

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Whoever is to leave is led out by an action: more ends than a field.
        own = [*super().get_readonly_fields(request, obj), "is_active"]
        return [*own, *_POWERS] if obj == request.user else own

    @admin.action(description="Deactivate the people chosen", permissions=["empower"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen.filter(is_active=True), departing.deactivate_user)

    @admin.action(description="Let the people chosen in again", permissions=["empower"])
    def reactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen.filter(is_active=False), departing.reactivate_user)

    def has_empower_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[User],
        step: Callable[..., User],
    ) -> None:
        for person in chosen.order_by("pk"):
            try:
                step(person, actor=request.user)
            except DomainError as refused:
                said, level = f"{person}: {refused}", messages.ERROR
            else:
                said, level = f"{person}: done.", messages.SUCCESS
            self.message_user(request, said, level)


@admin.register(Group)
class TeamAdmin(Recorded, GroupAdmin):
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = super().get_readonly_fields(request, obj)
        assert isinstance(request.user, User)
        is_member = obj is not None and request.user.groups.filter(pk=obj.pk).exists()
        return [*own, "permissions"] if is_member else own


@admin.register(ServiceAccount)
class ServiceAccountAdmin(Recorded):
    list_display = ["user", "owner", "created_at"]
    list_select_related = ["user", "owner"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    actions = ["revoke"]
    exclude = ["digest"]
    list_display = ["prefix", "name", "user", "project", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]

    @admin.action(description="Revoke the tokens chosen", permissions=["revoke"])
    def revoke(
        self, request: HttpRequest, chosen: QuerySet[ApiToken]
    ) -> HttpResponse | None:
        assert isinstance(request.user, User)
        live = chosen.filter(revoked_at=None)
        for token in live:
            tokens.revoke_token(token, actor=request.user)
        self.message_user(request, "The tokens no longer work.", messages.SUCCESS)
        return None

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_apitoken")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "project", "actor_name", "event", "object_label"]
    list_filter = ["project"]
    search_fields = ["event", "actor_name", "object_label"]


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    list_display = ["created_at", "recipient", "event", "project", "title", "read_at"]
    list_select_related = ["recipient"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    actions = ["send_again"]
    list_display = [
        "notification", "recipient", "state", "attempts", "next_try_at", "sent_at",
        "error",
    ]  # fmt: skip
    list_filter = ["state"]
    list_select_related = ["notification__recipient"]
    search_fields = ["notification__title", "notification__recipient__username"]

    @admin.display(ordering="notification__recipient__username")
    def recipient(self, delivery: Delivery) -> str:
        return delivery.notification.recipient.username

    @admin.action(description="Send again what was given up", permissions=["resend"])
    def send_again(
        self, request: HttpRequest, chosen: QuerySet[Delivery]
    ) -> HttpResponse | None:
        assert isinstance(request.user, User)
        given_up = chosen.filter(state=DeliveryState.DEAD)
        for delivery in given_up:
            mailing.send_again(delivery, actor=request.user)
        said = f"{len(given_up)} will be tried again."
        self.message_user(request, said, messages.SUCCESS)
        return None

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_delivery")
