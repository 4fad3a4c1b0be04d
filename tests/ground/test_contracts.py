"""The import contracts of pyproject.toml, each broken once to see it bite."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite import ROOT

APPS = "Apps"
INSIDE = "Inside an app"
CYCLES = "No two modules"
COMPOSITION = "Only the composition root"
PLAIN = "Desired state, rendering, Git"
HTTP = "HTTP stops at the doors"
NAMES = [APPS, INSIDE, CYCLES, COMPOSITION, PLAIN, HTTP]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The product's modules, to be spoilt."""
    place = tmp_path_factory.mktemp("product")
    shutil.copy(ROOT / "pyproject.toml", place)
    for package in ("gitopshq", "environments", "approvals", "delivery", "releases"):
        shutil.copytree(
            ROOT / package,
            place / package,
            ignore=shutil.ignore_patterns("__pycache__", "static", "templates"),
        )
    return place


def broken(place):
    """Return the first words of the contracts that do not hold in *place*."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=place,
        env={"PATH": "", "PYTHONPATH": str(place), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in run.stdout, run.stdout + run.stderr
    names = re.findall(r"^(.+) BROKEN", run.stdout, flags=re.MULTILINE)
    return {name for name in NAMES if any(line.startswith(name) for line in names)}


@pytest.mark.parametrize(
    ("module", "line", "bitten"),
    [
        ("approvals/models.py", "import delivery.models", {APPS}),
        ("gitopshq/core/audit.py", "import environments.models", {APPS}),
        ("releases/models/spoilt.py", "import releases.actions", {INSIDE, CYCLES}),
        ("releases/of_no_layer.py", "", {INSIDE}),
        ("approvals/rules.py", "import approvals.models", {INSIDE}),
        ("releases/quorum.py", "import releases.questions", {CYCLES}),
        ("delivery/tasks.py", "import gitopshq.settings", {COMPOSITION}),
        ("releases/tasks.py", "import gitopshq.demo.seeding", {COMPOSITION}),
        ("delivery/rendering/spoilt.py", "import django.conf", {PLAIN}),
        ("environments/desired/spoilt.py", "import environments.models", {PLAIN}),
        ("releases/locking.py", "import rest_framework.response", {HTTP}),
        ("approvals/tally.py", "import gitopshq.core.http", {HTTP}),
    ],
)
def test_a_contract_bites(copy, module, line, bitten):
    path = copy / module
    before = path.read_text() if path.exists() else None

    path.write_text(f"{before or ''}\n{line}\n")
    try:
        assert bitten <= broken(copy)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)


def test_all_contracts_hold(copy):
    assert broken(copy) == set()
