"""Rows that are history: nobody deletes them, through any door (domain 7)."""

from typing import Any, NoReturn, TypeVar

from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)


class NeverDeleted(Exception):
    """Code tried to delete what is kept for ever."""


class KeptRows(models.QuerySet[ModelT]):
    """Rows that are kept; those of a model that mixes in ``Kept``."""

    def delete(self) -> NoReturn:
        """Refuse.

        :raises NeverDeleted: always
        """
        raise NeverDeleted(self.model.__name__)


class Kept(models.Model):
    """Mixed into models whose rows stay."""

    objects = models.Manager.from_queryset(KeptRows)()

    class Meta:
        abstract = True

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse.

        :raises NeverDeleted: always
        """
        raise NeverDeleted(str(self))
