"""What pages of tests need beside the product."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _folder_of_collected_files(settings):
    # WhiteNoise warns when nothing was ever collected, and warnings are errors.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
