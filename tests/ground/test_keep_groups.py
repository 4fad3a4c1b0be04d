"""Tests of a group share what is dear to make: one worker of the suite has them all."""

import pytest


@pytest.mark.xdist_group("kept")
def test_a_group_is_known_to_who_hands_out_tests(request):
    """pytest-xdist writes it into the name, which not every pytest lets it."""
    is_grouping = bool(request.config.getoption("loadgroup", default=False))

    assert request.node.nodeid.endswith("@kept") == is_grouping
