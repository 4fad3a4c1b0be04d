"""Hostile charts hurt nobody else: the child is limited, killed and replaced."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from delivery.rendering import warmchild
from delivery.rendering.folders import PREFIX, PrivateFolder
from delivery.rendering.limits import MIB, Limits
from delivery.rendering.pool import ChildPool
from delivery.rendering.tools import ToolMissing
from delivery.rendering.warmchild import RenderChild, RenderingBroke
from tests.rendering.charts import chart, packed
from tests.rendering.jobs import KEYS, manifests, secret, workload

FAULTY = packed("faulty")
TIGHT = Limits(
    seconds=3,
    cpu_seconds=3,
    memory=256 * MIB,
    output=1 * MIB,
    documents=50,
)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"


@pytest.fixture(scope="module")
def tight_child(data_dir):
    child = RenderChild(data_dir, TIGHT, search="")
    yield child
    child.stop()


@pytest.fixture
def render_tightly(tight_child):
    return lambda job: tight_child.render(job, load_chart=lambda _: FAULTY)


def ways(name):
    return workload(FAULTY, f"ways: [{name}]\n")


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("loop", "timeout"),
        ("large", "output"),
        ("memory", "memory"),
        ("many", "documents"),
    ],
)
def test_a_hostile_chart_is_stopped_and_the_next_one_renders(
    render_tightly, way, reason
):
    result = render_tightly(ways(way))
    neighbour = render_tightly(workload(FAULTY, "word: fine\n"))

    assert [error.reason for error in result.errors] == [reason]
    assert result.errors[0].code == "template_error"
    assert [document.name for document in neighbour.documents] == ["shop"]


def test_a_child_that_dies_is_replaced(render_tightly, tight_child):
    render_tightly(manifests({"a.yaml": POD}))
    first = tight_child.pid
    os.kill(first, 9)

    result = render_tightly(manifests({"a.yaml": POD}))

    assert len(result.documents) == 1
    assert tight_child.pid != first


def test_a_child_that_hangs_is_killed_with_all_it_started(
    data_dir, tmp_path, monkeypatch
):
    """A program that ignores its limits and starts others, as seen from outside."""
    (tmp_path / "helm").write_text(
        "#!/bin/sh\ntrap '' TERM INT XCPU\n/bin/sleep 600 &\n"
        f"echo $$ $! > {tmp_path}/pids\nwait\n"
    )
    (tmp_path / "helm").chmod(0o755)
    monkeypatch.setattr(warmchild, "GRACE_SECONDS", -1.5)
    monkeypatch.setattr(warmchild, "helm_in_process", lambda *_, **__: "")
    child = RenderChild(
        data_dir, dataclasses.replace(TIGHT, seconds=3), search=str(tmp_path)
    )

    result = child.render(ways("nil"), load_chart=lambda _: FAULTY)

    assert [error.reason for error in result.errors] == ["timeout"]
    for pid in (tmp_path / "pids").read_text().split():
        assert dies(int(pid))


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def dies(pid):
    """Wait for a process that was killed, or told to end, to be gone."""
    return any(not is_alive(pid) or threading.Event().wait(0.05) for _ in range(200))


def test_a_child_is_recycled_after_its_share_of_renderings(data_dir):
    limits = dataclasses.replace(TIGHT, renderings=2)
    child = RenderChild(data_dir, limits, search="")
    job = manifests({"a.yaml": POD})

    pids = []
    for _ in range(4):
        child.render(job, load_chart=lambda _: b"")
        pids.append(child.pid)
    child.stop()

    assert pids[0] is not None
    assert pids[2] not in {None, pids[0]}
    assert pids[1] is None
    assert pids[3] is None


def test_a_child_that_grew_is_recycled(data_dir):
    child = RenderChild(data_dir, dataclasses.replace(TIGHT, child_memory=1), search="")

    child.render(manifests({"a.yaml": POD}), load_chart=lambda _: b"")

    assert child.pid is None


def test_a_chart_is_sent_once_and_kept(data_dir):
    asked = []
    data = chart({"templates/a.yaml": POD})

    with ChildPool(data_dir, search="") as pool:
        for _ in range(3):
            result = pool.render(
                workload(data), load_chart=lambda digest: asked.append(digest) or data
            )

    assert len(asked) == 1
    assert len(result.documents) == 1


def test_a_child_never_imports_django_and_sees_a_clean_environment(
    data_dir, monkeypatch
):
    monkeypatch.setenv("HQ_SECRET_KEY", "canary-of-the-worker")
    child = RenderChild(data_dir, search="")
    child.render(manifests({"a.yaml": POD}), load_chart=lambda _: b"")

    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    maps = Path(f"/proc/{child.pid}/maps").read_text()
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    session = os.getsid(child.pid)
    pid = child.pid
    child.stop()

    assert b"canary" not in environment
    assert b"HQ_" not in environment
    assert "psycopg" not in maps
    assert session == pid != os.getsid(0)
    for name in ("Max address space", "Max open files", "Max core file size"):
        (line,) = (line for line in limits.split("\n") if line.startswith(name))
        assert "unlimited" not in line


def test_the_modules_of_a_child_are_plain_python():
    code = (
        "import sys, json, delivery.rendering.child as child\n"
        "print(json.dumps(sorted(name.split('.')[0] for name in sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    ).stdout

    loaded = set(json.loads(printed))
    assert "yaml" in loaded
    assert not loaded & {"django", "celery", "rest_framework", "psycopg", "redis"}


def test_a_child_has_no_network_where_the_kernel_allows_that(data_dir):
    child = RenderChild(data_dir, search="")
    child.render(manifests({"a.yaml": POD}), load_chart=lambda _: b"")

    networks = [Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", child.pid)]
    claimed = child.has_own_network
    child.stop()

    assert claimed is (networks[0] != networks[1])


def test_the_private_folder_goes_with_the_child(data_dir, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    child = RenderChild(data_dir, search="")
    child.render(workload(FAULTY), load_chart=lambda _: FAULTY)
    (folder,) = tmp_path.glob(f"{PREFIX}*")
    mode = folder.stat().st_mode & 0o777

    child.stop()

    assert mode == 0o700
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_folders_of_dead_owners_are_removed_and_others_kept(tmp_path):
    alive = PrivateFolder(tmp_path)
    dead = PrivateFolder(tmp_path)
    os.close(dead._lock)
    unlocked = tmp_path / f"{PREFIX}just-made"
    unlocked.mkdir()

    fresh = PrivateFolder.make(tmp_path)

    assert not dead.path.exists()
    assert alive.path.exists()
    assert unlocked.exists()
    alive.remove()
    fresh.remove()
    assert not alive.path.exists()


def test_a_child_ends_when_its_worker_dies(data_dir):
    code = (
        "import sys, os\nfrom pathlib import Path\n"
        "from delivery.rendering.warmchild import RenderChild\n"
        "from tests.rendering.jobs import manifests\n"
        f"child = RenderChild(Path({str(data_dir)!r}), search='')\n"
        f"child.render(manifests({{'a.yaml': {POD!r}}}), load_chart=lambda _: b'')\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )

    killed = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    pid = int(killed.stdout)
    assert dies(pid)


def test_threads_share_the_children_of_a_pool(data_dir):
    data = chart({"templates/a.yaml": POD.replace("a}", "{{ .Release.Name }}}")})
    results = {}

    def run(pool, unit):
        job = workload(data, unit=unit)
        results[unit] = pool.render(job, load_chart=lambda _: data)

    with ChildPool(data_dir, size=2, search="") as pool:
        threads = [
            threading.Thread(target=run, args=(pool, f"unit-{n}")) for n in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert {unit: result.documents[0].name for unit, result in results.items()} == {
        f"unit-{n}": f"unit-{n}" for n in range(6)
    }


def test_a_secret_without_its_key_is_no_fault_of_the_author(render):
    row, _ = secret("TOKEN", "correct horse")
    job = manifests({"a.yaml": f"{POD}x: {{{{hq.var.TOKEN}}}}\n"}, variables=(row,))

    with pytest.raises(RenderingBroke, match="CannotOpen"):
        render(job)


def test_a_missing_program_breaks_the_start(data_dir, monkeypatch):
    def missing(*_, **__):
        raise ToolMissing("helm is nowhere")

    monkeypatch.setattr(warmchild, "tool_path", missing)
    child = RenderChild(data_dir)

    with pytest.raises(RenderingBroke, match="helm is nowhere"):
        child.render(ways("nil"), load_chart=lambda _: FAULTY)


def test_a_name_is_no_option_of_helm(render):
    result = render(workload(FAULTY, unit="--post-renderer"), FAULTY)

    assert "invalid release name" in result.errors[0].message


def test_a_file_that_is_no_program_breaks_the_start(data_dir, tmp_path):
    (tmp_path / "helm").write_text("not a program")
    (tmp_path / "helm").chmod(0o755)
    child = RenderChild(data_dir, search=str(tmp_path))

    with pytest.raises(RenderingBroke):
        child.render(ways("nil"), load_chart=lambda _: FAULTY, key_ring=KEYS)
    child.stop()
