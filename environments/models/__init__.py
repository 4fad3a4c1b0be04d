"""Desired state in the database: tenancy, policy, inputs, and the history of edits."""

from environments.models.bindings import KustomizeBinding, ManifestBinding
from environments.models.charts import Chart, ChartArchive, ChartVersion
from environments.models.grants import (
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from environments.models.history import Edit, EditedPlace, Text
from environments.models.policy import DeployMode, EnvironmentPolicy, FreezeWindow
from environments.models.tenancy import (
    Environment,
    Project,
    SecretsInGit,
    Tenant,
    TenantEnvironment,
)
from environments.models.variables import (
    InstallationKey,
    SecretValue,
    Variable,
    VariableScope,
)
from environments.models.workloads import ValuesLayer, Workload, WorkloadBinding

__all__ = [
    "Chart",
    "ChartArchive",
    "ChartVersion",
    "DeployMode",
    "Edit",
    "EditedPlace",
    "Environment",
    "EnvironmentGroupObjectPermission",
    "EnvironmentPolicy",
    "EnvironmentUserObjectPermission",
    "FreezeWindow",
    "InstallationKey",
    "KustomizeBinding",
    "ManifestBinding",
    "Project",
    "ProjectGroupObjectPermission",
    "ProjectUserObjectPermission",
    "SecretValue",
    "SecretsInGit",
    "Tenant",
    "TenantEnvironment",
    "Text",
    "ValuesLayer",
    "Variable",
    "VariableScope",
    "Workload",
    "WorkloadBinding",
]
