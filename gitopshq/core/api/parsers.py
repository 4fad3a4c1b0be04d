"""Reading JSON bodies that every database can hold and nobody reads two ways."""

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class StrictJSONParser(BaseParser):
    """JSON, less duplicate keys, numbers without a value, and unstorable text."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what *stream* holds.

        :raises ParseError: when it is no such JSON, with the reason.
        """
        try:
            # RFC 8259: JSON between systems is UTF-8, whatever the header says.
            text = codecs.decode(stream.read(), "utf-8-sig")
            value = json.loads(
                text,
                object_pairs_hook=_object,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
        except RecursionError:
            raise ParseError("the body is nested too deeply") from None
        except ValueError as error:
            raise ParseError(f"the body is not valid JSON: {error}") from None
        # Escapes alone can bring in what a text column refuses.
        if "\\u" in text:
            _refuse_unstorable(value)
        return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has the same key twice")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("a number is too large")
    return value


def _refuse_unstorable(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text.replace("\\\\", ""):
        raise ParseError("the body holds the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError("the body holds half a surrogate pair") from None
