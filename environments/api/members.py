"""Who may do what in a project, over HTTP."""

from django.contrib.auth.models import Group
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.shared import Slug
from environments.models import Environment, Project
from environments.permissions import Permission, Role
from environments.selectors import Member
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import User


class MemberSerializer(Serializer[Member]):
    """What one person or group was granted on the project or an environment."""

    id = serializers.CharField()
    user = serializers.SerializerMethodField()
    group = serializers.SerializerMethodField()
    environment = serializers.SerializerMethodField()
    role = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    def get_user(self, member: Member) -> str | None:
        grantee = member.grantee
        return grantee.username if isinstance(grantee, User) else None

    def get_group(self, member: Member) -> str | None:
        return member.grantee.name if isinstance(member.grantee, Group) else None

    def get_environment(self, member: Member) -> str | None:
        return member.place.slug if isinstance(member.place, Environment) else None

    def get_role(self, member: Member) -> str | None:
        return member.role.value if member.role else None

    def get_permissions(self, member: Member) -> list[str]:
        return sorted(permission.value for permission in member.permissions)


class MemberInput(Serializer[None]):
    """A user or a group; a role or permissions."""

    user = serializers.CharField(required=False, max_length=150)
    group = serializers.CharField(required=False, max_length=150)
    role = serializers.ChoiceField(Role.values, required=False)
    permissions = serializers.ListField(
        child=serializers.ChoiceField(Permission.values), required=False, max_length=50
    )
    environment = Slug(required=False, allow_null=True)


class MemberList(ApiView):
    asks = {"POST": asking.GRANT}

    @operation(gives=MemberSerializer, is_list=True)
    def get(self, request: Request, project: str) -> Response:
        """List the grants on the project and on its environments."""
        home = selectors.visible_project(self.actor, project)
        return self.listed(
            selectors.visible_members(self.actor, home), MemberSerializer
        )

    @operation(takes=MemberInput, gives=MemberSerializer, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Grant a role or permissions, on top of what is held already."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(MemberInput)
        place: Project | Environment = home
        if given.get("environment"):
            place = selectors.visible_environment(
                self.actor, project, given["environment"]
            )
        self.attempting("access.grant", place, project=project)
        member = actions.grant_to_member(
            place,
            user=given.get("user"),
            group=given.get("group"),
            role=given.get("role"),
            permissions=given.get("permissions"),
            actor=self.actor,
        )
        return self.show(member, MemberSerializer, status=201)


class MemberDetail(ApiView):
    asks = {"DELETE": asking.REVOKE}

    @operation(gives=MemberSerializer)
    def get(self, request: Request, project: str, member: str) -> Response:
        """Show what one person or group was granted in one place."""
        return self.show(self._member(), MemberSerializer)

    @operation(status=204)
    def delete(self, request: Request, project: str, member: str) -> Response:
        """Take away all that was granted there."""
        found = self._member()
        actions.revoke_access(found.place, of=found.grantee, actor=self.actor)
        return self.nothing()

    def _member(self) -> Member:
        return selectors.visible_member(
            self.actor, self.kwargs["project"], self.kwargs["member"]
        )
