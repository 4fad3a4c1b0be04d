"""What stands in the files that GitOpsHQ itself writes to the `source` branch.

Values layers, overlays and manifests are the people's own texts and stand there as
saved; the paths of all are in `source_layout`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from environments.desired.state import ApprovalRequirements, PolicyState, VariableState
from environments.desired.texts import FORBIDDEN

_NO_FOLDING = 2**31
_READS_AS_OTHER = re.compile("y|n|yes|no|on|off|true|false|null", re.IGNORECASE)


class _Value(str):
    """Text that is always quoted, for it might read as a number: `1.30`, `12e4`."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.rstrip("\n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style)


def _value(dumper: _Dumper, text: _Value) -> yaml.ScalarNode:
    style = "|" if "\n" in text.rstrip("\n") else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Value, _value)


@lru_cache(maxsize=4096)
def workload_text(
    *,
    chart: str,
    version: str,
    digest: str,
    namespace: str | None = None,
    allow_nondeterministic: bool = False,
) -> str:
    """Return a workload's definition.

    Kept, for every diff asks for those of all workloads on both of its sides, and
    writing one takes a millisecond.
    """
    definition: dict[str, Any] = {
        "chart": {
            "name": chart,
            "version": _Value(version),
            "digest": _Value(digest),
        }
    }
    if namespace is not None:
        definition["namespace"] = namespace
    if allow_nondeterministic:
        definition["allowNondeterministic"] = True
    return _yaml(definition)


Bindings = Mapping[str, Mapping[str, str]]
"""Names of bound objects, each with what the binding overrides or is attached to."""


def target_text(
    *,
    namespace: str,
    kubernetes_version: str,
    api_versions: Sequence[str],
    workloads: Bindings,
    overlays: Bindings,
    manifests: Iterable[str],
    cluster: str = "",
) -> str:
    """Return a tenant-environment's facts and what is bound to it, names in order.

    :param workloads: the overrides of each, `namespace` or `chartVersion`
    :param overlays: the `workload` of each that is attached to one
    """
    facts: dict[str, Any] = {"namespace": namespace}
    if cluster:
        facts["cluster"] = cluster
    if kubernetes_version:
        facts["kubernetesVersion"] = _Value(kubernetes_version)
    if api_versions:
        facts["apiVersions"] = sorted(api_versions)
    bound = {"workloads": _bindings(workloads), "kustomize": _bindings(overlays)}
    bound["manifests"] = _bindings({name: {} for name in manifests})
    return _yaml(facts | {kind: names for kind, names in bound.items() if names})


def variables_text(rows: Iterable[VariableState]) -> str:
    """Return the variables of one scope by key, secrets as fingerprints.

    :returns: the empty text where there is no row
    """
    in_order = sorted(rows, key=lambda row: row.key)
    return "".join(_row_text(row) for row in in_order)


@lru_cache(maxsize=256)
def policy_text(policy: PolicyState) -> str:
    """Return an environment's policy, as the API names its fields; kept."""
    return _yaml(
        requirements_shown(policy.approval_requirements)
        | {"deployMode": policy.deploy_mode}
    )


def requirements_shown(requirements: ApprovalRequirements) -> dict[str, Any]:
    """Return approval requirements under the names of the API."""
    return {
        "requiredApprovals": requirements.required_approvals,
        "blockSelfApproval": requirements.block_self_approval,
        "approvalExpiryHours": requirements.approval_expiry_hours,
        "autoApprove": requirements.auto_approve,
        "blockSelfDeploy": requirements.block_self_deploy,
    }


def _row_text(row: VariableState) -> str:
    field, value = "value", row.value or ""
    if row.fingerprint is not None:
        field, value = "secret", row.fingerprint
    if "\n" in value or FORBIDDEN.search(value):
        return _yaml({row.key: {field: _Value(value)}})
    # Written by hand, for PyYAML's emitter takes seconds for some thousand rows; a
    # JSON string is a double-quoted YAML scalar.
    key = f'"{row.key}"' if _READS_AS_OTHER.fullmatch(row.key) else row.key
    return f"{key}:\n  {field}: {json.dumps(value, ensure_ascii=False)}\n"


def _bindings(names: Bindings) -> dict[str, dict[str, str]]:
    return {name: dict(sorted(names[name].items())) for name in sorted(names)}


def _yaml(data: Mapping[str, Any]) -> str:
    # The Python emitter, not libyaml's: its bytes are the same on every machine.
    return yaml.dump(
        dict(data),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=_NO_FOLDING,
    )
