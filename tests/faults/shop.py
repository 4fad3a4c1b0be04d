"""The project that is deployed to: one service on each of several targets.

Called in the installation's own Django: ``./run manage shell``.
"""

import json

from environments import actions
from environments.permissions import Role
from gitopshq.core import tokens
from tests import make
from tests.faults import PROJECT, SERVICE


def build(targets: int) -> None:
    """Make everything, and print the token of somebody who may do it all."""
    project = make.project(PROJECT)
    places = [
        make.target(project, tenant=f"tenant-{number}") for number in range(targets)
    ]
    make.workload(project, SERVICE, on=places)
    person = make.user("driver")
    actions.grant_role(project, to=person, role=Role.MAINTAINER, actor=None)
    _, token = tokens.issue_token(person, name="drive", scopes=["admin"], actor=None)
    print(json.dumps({"token": token}))
