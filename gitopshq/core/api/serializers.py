"""Bodies on the wire: camelCase outside, snake_case inside, nothing ignored.

Shape only: whether a value makes sense is decided by actions.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from gitopshq.core.naming import camel

InstanceT = TypeVar("InstanceT")
ModelT = TypeVar("ModelT", bound=Model)

_JSON_TYPES: Final[tuple[tuple[type[Any], type, str], ...]] = (
    (serializers.BooleanField, bool, "true or false"),
    (serializers.IntegerField, int, "a whole number"),
    (serializers.CharField, str, "a string"),
    (serializers.DateTimeField, str, "a string"),
    (serializers.DateField, str, "a string"),
)
"""Field class, Python type of its JSON value, and how that is called."""


class _Wire(serializers.BaseSerializer[Any]):
    """Fields under their camelCase names, and refusal of what is not one of them."""

    is_json: ClassVar[bool] = True
    """Whether values come as JSON, so that their types can be insisted on."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the declared fields, renamed; ``source`` keeps the Python name."""
        fields = super().get_fields()  # type: ignore[misc]
        for name, field in fields.items():
            if camel(name) == name:
                continue
            if isinstance(field, serializers.SerializerMethodField):
                field.method_name = field.method_name or f"get_{name}"
            elif field.source is None:
                field.source = name
        return {camel(name): field for name, field in fields.items()}

    def get_unique_together_validators(self) -> list[Any]:
        """Leave uniqueness to the database and the actions."""
        return []

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values by Python name.

        :raises ValidationError: with every field that is unknown, made by the server,
            of another JSON type, or wrong.
        """
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            refused = {**error.detail, **refused}  # type: ignore[dict-item]
        if refused:
            raise ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        refused = {}
        for name, value in data.items():
            if said := self._refusal(name, value):
                refused[name] = [said]
        return refused

    def _refusal(self, name: str, value: object) -> ErrorDetail | None:
        field = self.fields.get(name)  # type: ignore[attr-defined]
        if field is None:
            return ErrorDetail("there is no such field", code="unknown")
        if field.read_only:
            return ErrorDetail("the server alone sets this field", code="read_only")
        if not self.is_json or value is None:
            return None
        for kind, expected, words in _JSON_TYPES:
            if isinstance(field, kind):
                is_right = type(value) is expected
                return None if is_right else ErrorDetail(f"must be {words}", "type")
        return None


class Serializer(_Wire, serializers.Serializer[InstanceT]):
    """A body written out field by field: what to take in, and small answers."""


class ModelSerializer(_Wire, serializers.ModelSerializer[ModelT]):
    """A model's fields, for answers. ``Meta.fields`` has Python names."""


class Query(Serializer[Any]):
    """The parameters of a query string; unknown ones are refused, too."""

    is_json = False


class NoBody(Serializer[None]):
    """The body of an action that takes nothing: any field is refused."""
