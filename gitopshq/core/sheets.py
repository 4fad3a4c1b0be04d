"""Rows as CSV that no spreadsheet runs; nested values are JSON."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the heading and one record a row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_cell(value) for value in row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> str | int:
    if value is None or isinstance(value, int):
        return "" if value is None else value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A cell that begins like a formula would be one to a spreadsheet.
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
