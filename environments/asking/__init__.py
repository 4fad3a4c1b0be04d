"""The questions of the doors to desired state: the same for a page and for the API.

By domain 11: editing needs the permission where the input reaches.
"""

from typing import Final

from django.http import HttpRequest

from environments import access
from environments.asking import finders as on
from environments.asking.needs import needs, sight
from environments.permissions import Permission
from gitopshq.core.asking import Either, Place, Question
from gitopshq.core.models import User


class Founds(Question):
    """For the one global permission: to make projects."""

    def find(self, request: HttpRequest, user: User, place: Place) -> None:
        """Find nothing: there is none yet."""

    def ask(
        self, request: HttpRequest, user: User, about: None, *, by_token: bool
    ) -> None:
        """Refuse whoever may not make projects."""
        access.require_to_create_projects(user)


_PROJECT = Permission.MANAGE_PROJECT
_STAGE = Permission.MANAGE_ENVIRONMENT
_WORKLOADS = Permission.MANAGE_WORKLOADS
_VARIABLES = Permission.MANAGE_VARIABLES


def _do(request: HttpRequest, place: Place) -> str:
    """Return the word of the button that was pressed."""
    return request.POST.get("do", "")


CREATE_PROJECT: Final = Founds()
CHANGE_PROJECT: Final = needs(_PROJECT, on=on.the_project)
GRANT: Final = needs(_PROJECT, on=on.within_project, event="access.grant")
REVOKE: Final = needs(_PROJECT, on=on.the_member, event="access.revoke")

CHANGE_TENANT: Final = needs(_STAGE, on=on.the_tenant_of_project)
CHANGE_STAGE: Final = needs(_STAGE, on=on.the_stage_of_project)
CREATE_TARGET: Final = needs(_STAGE, on=on.within_project)
CHANGE_TARGET: Final = needs(_STAGE, on=on.the_target)
EDIT_TARGETS: Final = needs(_STAGE, on=on.the_target_edited)

POLICY: Final = needs(_STAGE, on=on.the_environment, event="policy.change")
EDIT_POLICY: Final = Either(_do, {"preview": sight(on.the_environment), "": POLICY})
FREEZE: Final = needs(_STAGE, on=on.the_environment, event="environment.freeze")
UNFREEZE: Final = needs(_STAGE, on=on.the_environment, event="environment.unfreeze")
ADD_WINDOW: Final = needs(_STAGE, on=on.within_project, event="freeze_window.add")
ADD_WINDOW_HERE: Final = Either(
    _do,
    {
        "preview": sight(on.the_environment),
        "": needs(_STAGE, on=on.the_environment, event="freeze_window.add"),
    },
)
END_WINDOW: Final = needs(_STAGE, on=on.the_window, event="freeze_window.end")

UPLOAD_CHART: Final = needs(_WORKLOADS, on=on.anywhere)
UPLOAD_CHART_HERE: Final = needs(_WORKLOADS, on=on.the_charts)
CREATE_WORKLOAD: Final = needs(_WORKLOADS, on=on.the_project)
CHANGE_WORKLOAD: Final = needs(_WORKLOADS, on=on.the_workload)
BIND_SOMEWHERE: Final = needs(_WORKLOADS, on=on.within_workload)
BIND: Final = needs(_WORKLOADS, on=on.the_binding)
BIND_HERE: Final = needs(_WORKLOADS, on=on.the_target)
BUMP_IMAGE: Final = needs(_WORKLOADS, on=on.within_project)
BUMP_IMAGE_HERE: Final = needs(_WORKLOADS, on=on.within_workload)
SET_VALUES: Final = needs(_WORKLOADS, on=on.the_layer)
_LOOK_AT_LAYER: Final = sight(on.the_layer)
EDIT_VALUES: Final = Either(
    _do,
    {
        "check": _LOOK_AT_LAYER,
        "fields": _LOOK_AT_LAYER,
        "take": _LOOK_AT_LAYER,
        "": SET_VALUES,
    },
)
PUT_FILES: Final = needs(_WORKLOADS, on=on.the_target)

SET_VARIABLE: Final = needs(_VARIABLES, on=on.within_project)
SET_VARIABLE_HERE: Final = needs(_VARIABLES, on=on.the_variables)
DELETE_VARIABLE: Final = needs(_VARIABLES, on=on.the_variable)
