"""Jobs for tests, with as little said as a test needs."""

import hashlib

from delivery.rendering.units import (
    ChartReference,
    UnitFile,
    UnitJob,
    UnitOverlay,
)
from environments.desired.sealing import KeyRing, fingerprint, make_key, seal
from environments.desired.state import VariableState

KEYS = make_key()
LAYERS = ("values.yaml", "values.env.dev.yaml", "values.tenant.acme.yaml")


def workload(chart, *values, unit="shop", **more):
    """Make the job of a workload; ``values`` are its layers, broad to narrow."""
    layers = tuple(
        UnitFile(f"workloads/{unit}/{name}", name, text)
        for name, text in zip(LAYERS, values, strict=False)
    )
    digest = hashlib.sha256(chart).hexdigest()
    return UnitJob(
        unit=unit,
        kind="workload",
        namespace=more.pop("namespace", "acme-dev"),
        service=unit,
        chart=ChartReference("chart", "1.0.0", digest),
        layers=layers,
        **more,
    )


def overlay(files, *, name="edge", of="acme"):
    return UnitOverlay(
        name,
        tuple(
            UnitFile(f"targets/{of}/dev/kustomize/{name}/{path}", path, text)
            for path, text in files.items()
        ),
    )


def standalone(files, *, name="edge", of="acme", **more):
    return UnitJob(
        unit=name,
        kind="overlay",
        namespace="acme-dev",
        overlays=(overlay(files, name=name, of=of),),
        **more,
    )


def manifests(files, *, name="plain", **more):
    return UnitJob(
        unit=name,
        kind="manifests",
        namespace="acme-dev",
        files=tuple(
            UnitFile(f"targets/acme/dev/manifests/{name}/{path}", path, text)
            for path, text in files.items()
        ),
        **more,
    )


def variable(key, value, *, scope="repo", service=None):
    return VariableState(scope, key, service=service, value=value)


def secret(key, plaintext):
    """Give the row of a secret and its sealed text, as a job takes them."""
    print_ = fingerprint(plaintext, b"tests")
    sealed = seal(
        plaintext,
        key_ring=KeyRing.parse(KEYS),
        purpose="variable",
        bound_to=print_,
    )
    row = VariableState("repo", key, secret=True, fingerprint=print_)
    return row, (print_, sealed)
