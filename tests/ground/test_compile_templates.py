"""Every template compiles, with every tag and filter that it names."""

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = settings.BASE_DIR / "templates"
NAMES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*") if path.is_file()
)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name):
    assert get_template(name) is not None
