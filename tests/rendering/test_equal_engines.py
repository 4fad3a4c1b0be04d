"""Helm in process prints the bytes that the program prints, and is never needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.rendering import helmsdk, tools, warmchild
from delivery.rendering.helm import HelmRefused, HelmRequest
from delivery.rendering.helmhooks import Unclear, printed_hooks, source
from delivery.rendering.helminprocess import HelmInProcess, HelmWherever
from delivery.rendering.limits import Limits
from delivery.rendering.running import Engines
from delivery.rendering.suiting import Suited
from delivery.rendering.warmchild import RenderChild
from tests.rendering.alike import CASES, HOOKS
from tests.rendering.charts import packed
from tests.rendering.engines import TURNS
from tests.rendering.jobs import workload

SEED = os.environ.get("HQ_TEST_SEED", "alike")
SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))


def test_engines_agree_on_every_chart_in_any_order(data_dir):
    """S41: what is committed is what Helm made, whichever of the two it was.

    Tenants and the switches of subcharts take turns in one process: nothing of one
    rendering may be left over for the next.
    """
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.rendering.engines"),
            *(str(data_dir), SEED, str(SCALE)),
        ],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env={"PATH": "", "TZ": "UTC", "KUBECONFIG": os.devnull},
    )

    found = json.loads(ended.stdout)

    assert len(found) == sum(len(case.values) for case in CASES.values())
    for name, (went_in_process, *different) in found.items():
        assert went_in_process, name
        assert different == [], name
    assert TURNS > 1


def test_the_library_is_in_the_child_alone(data_dir):
    chart = packed("suite")
    child = RenderChild(data_dir, search="")

    child.render(workload(chart), load_chart=lambda _: chart)

    maps = Path(f"/proc/{child.pid}/maps").read_text()
    child.stop()
    assert "libhelm" in maps
    assert "helm_python" not in sys.modules


def test_the_same_comes_out_without_the_package(data_dir, monkeypatch):
    """Without it the program renders, and the versions do not name it."""

    def rendered():
        child = RenderChild(data_dir, search="")
        result = child.render(workload(HOOKS), load_chart=lambda _: HOOKS)
        maps = Path(f"/proc/{child.pid}/maps").read_text()
        child.stop()
        return result, "libhelm" in maps

    fast, was_in_process = rendered()
    monkeypatch.setattr(helmsdk, "installed", lambda: "")
    slow, is_in_process = rendered()

    assert (was_in_process, is_in_process) == (True, False)
    assert fast == slow
    assert len(slow.documents) == 12
    assert helmsdk.PACKAGE not in tools.engine_versions(data_dir, search="")


@pytest.mark.parametrize(
    ("package", "helm"),
    [("0.2.2", "v4.2.4"), ("0.2.3", "v4.2.3"), ("", "v4.2.3")],
)
def test_it_stands_in_for_the_one_version_it_was_compared_with(
    monkeypatch, package, helm
):
    monkeypatch.setattr(helmsdk, "installed", lambda: package)

    assert helmsdk.stands_in_for(helm) == ""


class Program:
    """Stands for the program; prints, or refuses."""

    def __init__(self, refusal=None):
        self.refusal = refusal
        self.calls = 0

    def template(self, _request, *, deadline):
        self.calls += 1
        if self.refusal:
            raise HelmRefused(self.refusal)
        return "printed"


def request(**more):
    return HelmRequest(Path("none.tgz"), "shop", "ns", "", (), (), **more)


def in_process(tmp_path, version="0.2.2"):
    here = Engines(tmp_path, tmp_path, tmp_path, Limits())
    return HelmInProcess(here, version)


@pytest.mark.parametrize("package", [None, "another"])
def test_a_package_that_does_not_load_leaves_it_to_the_program(
    monkeypatch, tmp_path, package
):
    """A broken installation costs speed; it is tried once."""
    module = None
    if package:
        module = type(sys)("helm_python")
        module.__version__ = package
    monkeypatch.setitem(sys.modules, "helm_python", module)
    program = Program()
    engine = HelmWherever(in_process(tmp_path), program)
    suited = Suited(may_hook=False, has_crds=False)

    printed = [engine.template(request(suited=suited), deadline=1e9) for _ in "ab"]

    assert printed == ["printed", "printed"]
    assert program.calls == 2


def test_what_is_refused_in_process_is_told_in_the_words_of_the_program(
    monkeypatch, tmp_path
):
    class Fast:
        def template(self, _request, *, deadline):
            raise Unclear

    engine = HelmWherever(Fast(), Program("Error: in its own words"))

    with pytest.raises(HelmRefused) as refused:
        engine.template(request(suited=Suited(False, False)), deadline=1e9)
    assert refused.value.printed == "Error: in its own words"


def test_a_child_is_told_nothing_where_the_program_gives_no_version(
    data_dir, monkeypatch
):
    def missing(*_, **__):
        raise tools.ToolMissing("no version")

    monkeypatch.setattr(tools, "tool_path", missing)

    assert warmchild.helm_in_process(data_dir, search="") == ""


HOOK = {"kind": "Job", "metadata": {"annotations": {"helm.sh/hook": "pre-install"}}}


def test_hooks_are_what_the_manifest_lacks():
    rendered = {"c/templates/a.yaml": "a: 1\n---\nb: 2\n", "c/templates/NOTES.txt": "x"}
    manifest = source("c/templates/a.yaml", "a: 1")

    printed = printed_hooks(rendered, manifest, lambda _: HOOK)

    assert printed == "---\n# Source: c/templates/a.yaml\nb: 2\n\n"


@pytest.mark.parametrize(
    ("text", "manifest", "tree"),
    [
        ("a: 1\n", source("t.yaml", "a: 1\n") + source("t.yaml", "b: 2\n"), HOOK),
        ("a: 1\n", "", {"kind": "Pod"}),
        ("a: 1\n", "", ["no map"]),
        ("a: 1\n", "", {**HOOK, "kind": 3}),
        ("a: 1\n", "", {**HOOK, "Kind": "Pod"}),
        ("a: 1\n", "", {**HOOK, "metadata": None}),
    ],
)
def test_hooks_that_cannot_be_told_are_left_to_the_program(text, manifest, tree):
    with pytest.raises(Unclear):
        printed_hooks({"t.yaml": text}, manifest, lambda _: tree)
