"""How long something took, in words."""

from datetime import timedelta

import pytest

from gitopshq.core.wording import lasting


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min"),
        (61, "1 min 1 s"),
        (3599.7, "1 h"),
        (5400, "1 h 30 min"),
        (172_799.9, "2 d"),
        (180_000, "2 d 2 h"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds, said):
    """D3: the lead time of a team is a number that people read."""
    assert lasting(timedelta(seconds=seconds)) == said
