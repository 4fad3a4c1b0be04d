"""What people do to projects and desired state.

Each action is one transaction of one shape: lock the project; ask may they, can it,
should it; save; record the edit, whose listeners hear of it on commit; audit.
"""

from environments.actions.archiving import archive, restore
from environments.actions.changing import change
from environments.actions.charts import Upload, upload_chart
from environments.actions.freezes import (
    WindowTerms,
    add_freeze_window,
    end_freeze_window,
    freeze,
    unfreeze,
)
from environments.actions.grants import (
    GrantToOneself,
    grant_permissions,
    grant_role,
    grant_to_member,
    revoke_access,
)
from environments.actions.images import ImageBump, ImageReference, bump_image
from environments.actions.overlays import (
    delete_manifests,
    delete_overlay,
    put_manifests,
    put_overlay,
)
from environments.actions.policy import PolicyEdit, record_released_policy, set_policy
from environments.actions.projects import (
    create_environment,
    create_project,
    create_tenant,
    update_environment,
    update_project,
    update_tenant,
)
from environments.actions.sealing import reseal_secrets
from environments.actions.switching import (
    switch_manifests,
    switch_overlay,
    switch_workload,
)
from environments.actions.targets import TargetFacts, create_target, update_target
from environments.actions.unused import delete_unused_variable, rename_variable
from environments.actions.values import set_values
from environments.actions.variables import (
    VariablePlace,
    delete_variable,
    restore_variable,
    set_variable,
)
from environments.actions.workloads import (
    bind_workload,
    create_workload,
    unbind_workload,
    update_workload,
)

__all__ = [
    "GrantToOneself",
    "ImageBump",
    "ImageReference",
    "PolicyEdit",
    "TargetFacts",
    "Upload",
    "VariablePlace",
    "WindowTerms",
    "add_freeze_window",
    "archive",
    "bind_workload",
    "bump_image",
    "change",
    "create_environment",
    "create_project",
    "create_target",
    "create_tenant",
    "create_workload",
    "delete_manifests",
    "delete_overlay",
    "delete_unused_variable",
    "delete_variable",
    "end_freeze_window",
    "freeze",
    "grant_permissions",
    "grant_role",
    "grant_to_member",
    "put_manifests",
    "put_overlay",
    "record_released_policy",
    "rename_variable",
    "reseal_secrets",
    "restore",
    "restore_variable",
    "revoke_access",
    "set_policy",
    "set_values",
    "set_variable",
    "switch_manifests",
    "switch_overlay",
    "switch_workload",
    "unbind_workload",
    "unfreeze",
    "update_environment",
    "update_project",
    "update_target",
    "update_tenant",
    "update_workload",
    "upload_chart",
]
