"""Forms that keep what was typed when the domain refuses it.

They check shape; what is allowed is the action's to say, and its words are shown at
the field they are about.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db import DatabaseError

from gitopshq.core.contention import insist, is_contention, is_duplicate
from gitopshq.core.errors import (
    ConcurrentUpdate,
    DomainError,
    FieldError,
    NotFound,
)


class RefusableForm(forms.Form):
    """A form around one action.

    ``names`` maps the first part of a refusal's pointer to the field it is about,
    where that is not the same word in snake case. Refusals about no field of the form
    are its ``problems``.
    """

    names: ClassVar[Mapping[str, str]] = {}
    ids: ClassVar[str] = "id"
    data: Any

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.ids}-%s")
        super().__init__(data, *args, **kwargs)
        self.refusal: DomainError | None = None
        self.problems: list[FieldError] = []
        self.outcome: Any = None

    def accepts(self, step: Callable[[], object]) -> bool:
        """Take *step* if the form is valid; say whether it was taken.

        What it returned is the ``outcome``. A refusal becomes errors of the form.

        :raises NotFound: the step's own, which no form can show
        """
        if not self.is_valid():
            return False
        try:
            self.outcome = insist(step)
        except NotFound:
            raise
        except DomainError as refused:
            self.refuse(refused)
        except DatabaseError as error:
            if not (is_contention(error) or is_duplicate(error)):
                raise
            self.refuse(ConcurrentUpdate(what="this"))
        else:
            return True
        return False

    def refuse(self, refusal: DomainError) -> None:
        """Say at its fields, or at the head of the form, why it was not accepted."""
        self.refusal = refusal
        for error in refusal.errors:
            name = self.field_at(error.pointer)
            if name is None:
                self.problems.append(error)
            else:
                self.add_error(name, worded(error))
        if not refusal.errors:
            self.add_error(None, str(refusal))

    def field(self, name: str) -> Any:
        """Return a field, to be given its choices."""
        return self.fields[name]

    def field_at(self, pointer: str) -> str | None:
        """Return the field that a JSON Pointer of a refusal is about, if there is."""
        first = pointer.strip("/").partition("/")[0]
        name = self.names.get(first, _snake(first))
        return name if name in self.fields else None


def worded(error: FieldError) -> str:
    """Return an error with the file and line it names."""
    where = f"{error.file}:{error.line}" if error.line else error.file
    return f"{where}: {error.detail}" if where else error.detail


def _snake(word: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in word)
