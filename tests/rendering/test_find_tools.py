"""helm and kubectl come from PATH or the wheel, unpacked once whoever asks first."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from delivery.rendering import tools

HELM = """#!/bin/sh
echo 'version.BuildInfo{Version:"v9.9.9", GitCommit:"x"}'
echo asked >> "$(/usr/bin/dirname "$0")/log"
"""
KUBECTL = """#!/bin/sh
echo '{"clientVersion": {"gitVersion": "v1.99.0"}, "kustomizeVersion": "v6.0.0"}'
"""


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("helm", HELM), ("kubectl", KUBECTL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def test_programs_on_path_come_first(path, tmp_path):
    found = tools.tool_path("helm", tmp_path, search=str(path))

    assert found == path / "helm"
    assert not (tmp_path / "tools").exists()


def test_path_is_the_environments(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(path))

    assert tools.tool_path("kubectl", tmp_path) == path / "kubectl"


def test_the_wheel_is_unpacked_where_path_has_nothing(data_dir):
    versions = tools.engine_versions(data_dir, search="")

    assert versions == {
        "helm": "v4.2.3",
        "kubectl": "v1.36.3",
        "kustomize": "v5.8.1",
        "helm-python-sdk": "0.2.2",
    }
    assert tools.tool_path("helm", data_dir, search="").parent == (
        tools.tool_path("kubectl", data_dir, search="").parent
    )


def test_versions_are_asked_once_and_again_after_an_upgrade(path, tmp_path):
    def versions():
        return tools.engine_versions(tmp_path, search=str(path))

    first = [versions(), versions()]
    asked = (path / "log").read_text().count("asked")
    (path / "helm").write_text(HELM.replace("9.9.9", "10.0.0"))

    assert (
        first == [{"helm": "v9.9.9", "kubectl": "v1.99.0", "kustomize": "v6.0.0"}] * 2
    )
    assert asked == 1
    assert versions()["helm"] == "v10.0.0"


@pytest.mark.parametrize("text", ["#!/bin/sh\necho who knows\n", "#!/bin/sh\nexit 3\n"])
def test_a_program_without_a_version_is_refused(path, tmp_path, text):
    (path / "kubectl").write_text(text)

    with pytest.raises(tools.ToolMissing):
        tools.engine_versions(tmp_path, search=str(path))


def test_processes_that_start_at_once_unpack_to_one_folder(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from delivery.rendering.tools import tool_path\n"
        "path = tool_path('helm', Path(sys.argv[1]), search='')\n"
        "assert path.stat().st_size > 10**7\nprint(path)\n"
    )

    def start(_):
        return subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            check=True,
            capture_output=True,
            env={"PYTHONPATH": str(Path(__file__).parents[2])},
        ).stdout

    with ThreadPoolExecutor(3) as threads:
        paths = set(threads.map(start, range(3)))

    assert len(paths) == 1
    assert [folder.name[0] == "." for folder in (tmp_path / "tools").iterdir()] == [
        False
    ]


def test_neither_path_nor_wheel_is_said_plainly(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "WHEEL", "no-such-wheel")
    tools._wheel_archive.cache_clear()

    with pytest.raises(tools.ToolMissing, match="not on PATH"):
        tools.tool_path("helm", tmp_path, search="")
    tools._wheel_archive.cache_clear()
