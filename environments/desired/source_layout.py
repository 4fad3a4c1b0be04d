"""Where each object lies in the `source` branch.

The same paths name files in diffs, errors and rollbacks. What stands in the files is
written in `source_files`.
"""

import re

from environments.desired.state import LAYERS

_VALUES_PATHS = (
    ("base", re.compile(r"workloads/([^/]+)/values\.yaml")),
    ("environment", re.compile(r"workloads/([^/]+)/values\.env\.([^/]+)\.yaml")),
    ("tenant", re.compile(r"workloads/([^/]+)/values\.tenant\.([^/]+)\.yaml")),
    ("target", re.compile(r"targets/([^/]+)/([^/]+)/values/([^/]+)\.yaml")),
)


_REACHES = (
    re.compile(r"targets/(?P<tenant>[^/]+)/(?P<environment>[^/]+)/.+"),
    re.compile(r"workloads/[^/]+/values\.env\.(?P<environment>[^/]+)\.yaml"),
    re.compile(r"workloads/[^/]+/values\.tenant\.(?P<tenant>[^/]+)\.yaml"),
    re.compile(r"variables/env/(?P<environment>[^/]+)\.yaml"),
    re.compile(r"variables/tenant/(?P<tenant>[^/]+)\.yaml"),
    re.compile(r"policies/(?P<environment>[^/]+)\.yaml"),
)


def reach_of(path: str) -> tuple[str | None, str | None]:
    """Return the tenant and the environment outside which a file decides nothing.

    None is every one.
    """
    for pattern in _REACHES:
        if found := pattern.fullmatch(path):
            names = found.groupdict()
            return names.get("tenant"), names.get("environment")
    return None, None


def workload_file(workload: str) -> str:
    """Return the path of a workload's definition."""
    return f"workloads/{workload}/workload.yaml"


def values_file(workload: str, layer: str, *, tenant: str, environment: str) -> str:
    """Return the path of one values layer of a workload.

    :param layer: one of `LAYERS`
    """
    return {
        "base": f"workloads/{workload}/values.yaml",
        "environment": f"workloads/{workload}/values.env.{environment}.yaml",
        "tenant": f"workloads/{workload}/values.tenant.{tenant}.yaml",
        "target": f"targets/{tenant}/{environment}/values/{workload}.yaml",
    }[layer]


def read_values_file(path: str, *, tenant: str, environment: str) -> tuple[str, str]:
    """Return the workload and the layer whose text lies at a path.

    :raises ValueError: no values layer that reaches this tenant-environment
    """
    for layer, pattern in _VALUES_PATHS:
        if found := pattern.fullmatch(path):
            workload = found[3] if layer == "target" else found[1]
            here = values_file(workload, layer, tenant=tenant, environment=environment)
            if here == path:
                return workload, layer
    raise ValueError(f"no values layer of {tenant}/{environment}: {path}")


def values_files(workload: str, *, tenant: str, environment: str) -> tuple[str, ...]:
    """Return the paths of all layers of a workload, broad to narrow."""
    return tuple(
        values_file(workload, layer, tenant=tenant, environment=environment)
        for layer in LAYERS
    )


def target_file(tenant: str, environment: str) -> str:
    """Return the path of a tenant-environment's facts and bindings."""
    return f"targets/{tenant}/{environment}/target.yaml"


def overlay_file(tenant: str, environment: str, name: str, path: str) -> str:
    """Return the path of one file of a Kustomize binding."""
    return f"targets/{tenant}/{environment}/kustomize/{name}/{path}"


def manifest_file(tenant: str, environment: str, name: str, path: str) -> str:
    """Return the path of one file of a manifest binding."""
    return f"targets/{tenant}/{environment}/manifests/{name}/{path}"


def variables_file(
    scope: str, *, tenant: str, environment: str, service: str | None = None
) -> str:
    """Return the path that holds the variables of one scope.

    :param service: the workload, for scope `svc`
    """
    return {
        "repo": "variables/repo.yaml",
        "env": f"variables/env/{environment}.yaml",
        "tenant": f"variables/tenant/{tenant}.yaml",
        "svc": f"targets/{tenant}/{environment}/variables/{service}.yaml",
    }[scope]


def policy_file(environment: str) -> str:
    """Return the path of an environment's policy."""
    return f"policies/{environment}.yaml"


def role_of(path: str, *, tenant: str, environment: str) -> str:
    """Return a path with the names of its tenant-environment left open.

    Files of two tenant-environments that play the same role then have one name.
    """
    folder = f"targets/{tenant}/{environment}/"
    if path.startswith(folder):
        return f"targets/{{tenant}}/{{environment}}/{path.removeprefix(folder)}"
    for end, role in (
        (f"/values.env.{environment}.yaml", "/values.env.{environment}.yaml"),
        (f"/values.tenant.{tenant}.yaml", "/values.tenant.{tenant}.yaml"),
    ):
        if path.startswith("workloads/") and path.endswith(end):
            return path.removesuffix(end) + role
    return {
        f"variables/env/{environment}.yaml": "variables/env/{environment}.yaml",
        f"variables/tenant/{tenant}.yaml": "variables/tenant/{tenant}.yaml",
        policy_file(environment): "policies/{environment}.yaml",
    }.get(path, path)
