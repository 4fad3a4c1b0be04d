"""Processes that are killed at a place of their code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches SIGKILL."""


def kill(*_args: object, **_kwargs: object) -> NoReturn:
    """Die."""
    raise Killed


@contextmanager
def killed_at(holder: object, name: str) -> Iterator[None]:
    """Be killed where the block comes to *name* of *holder*."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(holder, name, kill)
        with pytest.raises(Killed):
            yield
