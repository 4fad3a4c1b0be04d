"""The inbox of somebody whose rights change while they look at it."""

from django.contrib.auth.models import Group
from django.test import Client
from guardian.shortcuts import assign_perm

from environments.models import (
    EnvironmentUserObjectPermission,
    ProjectUserObjectPermission,
)
from environments.permissions import Permission

URL = "/approvals"


def test_rights_bind_at_the_next_request(subject, bob):
    """Taken away, or given back through a group: nothing is kept of who may."""
    client = Client()
    client.force_login(bob)
    here = str(subject.request)
    team = Group.objects.create(name="voters")
    project = subject.request.environment.project
    for right in (Permission.VIEW_RELEASE, Permission.APPROVE_RELEASE):
        assign_perm(right.codename, team, project)
    assert here in client.get(URL).content.decode()

    for grants in (EnvironmentUserObjectPermission, ProjectUserObjectPermission):
        grants.objects.filter(user=bob).delete()
    assert here not in client.get(f"{URL}?show=all").content.decode()

    bob.groups.add(team)
    page = client.get(URL).content.decode()
    assert here in page
    assert "Waiting for me 1" in page

    bob.groups.clear()
    assert here not in client.get(f"{URL}?show=all").content.decode()
