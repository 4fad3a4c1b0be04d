"""One's own tokens over HTTP."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import errors, tokens
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.asking import OWN
from gitopshq.core.models import ApiToken, TokenScope


class TokenSerializer(ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "prefix",
            "scopes",
            "project",
            "created_at",
            "expires_at",
            "last_used_at",
        ]
        read_only_fields = fields

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)


class IssuedTokenSerializer(TokenSerializer):
    """With the secret: in the answer to POST, and never again."""

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]

    token = serializers.SerializerMethodField()

    def get_token(self, token: ApiToken) -> str | None:
        return str(self.context["secret"])


class TokenInput(Serializer[None]):
    name = serializers.CharField(max_length=tokens.MAX_NAME)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(TokenScope.choices), min_length=1, max_length=10
    )
    project = serializers.SlugField(max_length=40, required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class TokenList(ApiView):
    asks = {"POST": OWN}
    secret_fields = ("token",)
    spans_projects = True

    @operation(gives=TokenSerializer, is_list=True)
    def get(self, request: Request) -> Response:
        """List one's own tokens that were not revoked."""
        mine = tokens.tokens_of(self.actor)
        if self.token_project:
            mine = mine.filter(project=self.token_project)
        return self.page(mine, TokenSerializer)

    @operation(takes=TokenInput, gives=IssuedTokenSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Make a token; its secret is in this answer alone."""
        token, secret = tokens.issue_token(
            self.actor, actor=self.actor, parent=self.token, **self.read(TokenInput)
        )
        return self.show(token, IssuedTokenSerializer, status=201, secret=secret)


class TokenDetail(ApiView):
    asks = {"DELETE": OWN}
    spans_projects = True

    @operation(gives=TokenSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Show one of one's own tokens."""
        return self.show(self._token(pk), TokenSerializer)

    @operation(status=204)
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke a token, and every token that was made with it."""
        tokens.revoke_token(self._token(pk), actor=self.actor)
        return self.nothing()

    def _token(self, pk: int) -> ApiToken:
        mine = tokens.tokens_of(self.actor).filter(pk=pk)
        if self.token_project:
            mine = mine.filter(project=self.token_project)
        token = mine.first()
        if token is None:
            raise errors.NotFound
        return token
