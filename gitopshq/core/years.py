"""The years that somebody may choose: outside them some clock has no time to show."""

from datetime import datetime
from typing import Final

from gitopshq.core.errors import ValidationError

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199


def check_year(moment: datetime | None, pointer: str) -> None:
    """Refuse a moment that not every reader's clock could show.

    :raises ValidationError: with *pointer*, outside ``FIRST_YEAR`` to ``LAST_YEAR``
    """
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        detail = f"must be between {FIRST_YEAR} and {LAST_YEAR}"
        raise ValidationError.of(pointer, detail)
