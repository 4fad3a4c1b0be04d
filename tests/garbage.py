"""Fewer rounds of the garbage collector: they took a tenth of the suite's time.

What was imported stays until the end; looking through it again finds nothing.
"""

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
