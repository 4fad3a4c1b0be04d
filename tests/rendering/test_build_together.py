"""Overlays built by one call of Kustomize come out as each does alone (S68)."""

import dataclasses
import random
import time

import pytest

from delivery.rendering import overlaybatches
from delivery.rendering.kustomize import KustomizeRefused, build_overlay
from delivery.rendering.limits import Limits
from delivery.rendering.overlaybatches import Build, build_together
from delivery.rendering.running import Engines
from delivery.rendering.tools import tool_path
from tests.rendering.overlays import BROKEN, SORTS, overlay_files

ROUNDS = 6
NAMES = 4


@pytest.fixture(scope="module")
def engines(data_dir, tmp_path_factory):
    kubectl = tool_path("kubectl", data_dir, search="")
    return Engines(kubectl, kubectl, tmp_path_factory.mktemp("home"), Limits())


@pytest.fixture(scope="module")
def alone(engines):
    """What every overlay prints by itself; None where it does not build."""
    return {
        (sort, f"w{number}"): _alone(overlay_files(sort, f"w{number}"), engines)
        for sort in range(len(SORTS))
        for number in range(NAMES)
    }


@pytest.fixture
def calls(monkeypatch):
    """How many overlays each call of Kustomize was given."""
    made = []
    run = overlaybatches.run_kustomize

    def counted(root, *rest):
        made.append(len(list(root.glob("overlay-*"))))
        return run(root, *rest)

    monkeypatch.setattr(overlaybatches, "run_kustomize", counted)
    return made


def _soon():
    return time.monotonic() + 60


def _alone(files, engines):
    try:
        return build_overlay(files, None, engines=engines, deadline=_soon())
    except KustomizeRefused:
        return None


def _together(keys, engines):
    builds = [Build(overlay_files(*key)) for key in keys]
    return build_together(builds, engines=engines, deadline=_soon())


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_any_company_in_any_order_changes_no_byte(engines, alone, seed):
    """Resources of one name, prefixes, generators, bindings across namespaces, all."""
    chance = random.Random(seed)
    keys = chance.sample(sorted(alone), 16)

    printed = _together(keys, engines)

    wrong = [
        key
        for key, text in zip(keys, printed, strict=True)
        if text not in {None, alone[key]}
    ]
    assert not wrong
    assert sum(text is not None for text in printed) >= len(keys) // 4


def test_overlays_that_are_apart_take_one_call(engines, alone, calls):
    keys = [(sort, f"w{sort}") for sort in range(NAMES)]

    printed = _together(keys, engines)

    assert printed == [alone[key] for key in keys]
    assert calls == [len(keys)]


@pytest.mark.parametrize("sort", [5, 9])
def test_overlays_of_common_names_do_not_share_a_call(engines, alone, calls, sort):
    """One calls a resource, or refers to it, as the other calls its own."""
    keys = [(sort, "w0"), (sort, "w1"), (0, "w2"), (0, "w3")]

    printed = _together(keys, engines)

    assert all(
        text in {None, alone[key]} for key, text in zip(keys, printed, strict=True)
    )
    assert printed[0] is not None
    assert printed[1] is None
    assert calls == [3]


def test_a_name_with_its_hash_is_a_name_of_its_owner(engines, alone, calls):
    owner = (2, "w0")
    hashed = alone[owner].partition("name: acme-w0-config-v2-")[2].split("\n")[0]
    other = overlay_files(0, "w1")
    other["web.yaml"] = other["web.yaml"].replace(
        "w1-config", f"acme-w0-config-v2-{hashed}"
    )

    printed = build_together(
        [Build(overlay_files(*owner)), Build(other)], engines=engines, deadline=_soon()
    )

    assert (printed, calls) == ([None, None], [])


def test_one_that_does_not_build_harms_no_other(engines, alone, calls):
    """S74: it is left to be built alone, and to say there what is wrong."""
    keys = [(0, "w0"), (1, "w1"), (3, "w2"), (BROKEN, "w3"), (2, "w4"), (4, "w5")]
    alone = alone | {(2, "w4"): None, (4, "w5"): ""}
    alone[2, "w4"] = _alone(overlay_files(2, "w4"), engines)

    printed = _together(keys, engines)

    assert printed[keys.index((BROKEN, "w3"))] is None
    assert sum(text is None for text in printed) <= 2
    assert all(
        text in {None, alone[key]} for key, text in zip(keys, printed, strict=True)
    )
    assert len(calls) <= 6


def test_a_file_that_leaves_its_folder_is_not_written_for_others(engines, alone):
    """Security 11: an overlay has no way into the folder of its neighbour."""
    files = overlay_files(0, "w9") | {"../overlay-1/kustomization.yaml": "bad: 1\n"}

    printed = build_together(
        [Build(files), Build(overlay_files(0, "w1")), Build(overlay_files(0, "w2"))],
        engines=engines,
        deadline=_soon(),
    )

    assert printed == [None, alone[0, "w1"], alone[0, "w2"]]


def test_a_call_that_is_stopped_leaves_each_to_be_built_alone(engines, calls):
    """Security 12: the limits are those of a single call."""
    tight = dataclasses.replace(engines, limits=Limits(output=500))

    assert _together([(0, "w0"), (0, "w1"), (0, "w2")], tight) == [None] * 3
    assert calls == [3]


def test_large_companies_are_parted(engines, monkeypatch, calls):
    monkeypatch.setattr(overlaybatches, "MAX_OVERLAYS", 3)

    printed = _together([(4, f"w{number}") for number in range(5)], engines)

    assert (printed, calls) == ([""] * 5, [3, 2])
