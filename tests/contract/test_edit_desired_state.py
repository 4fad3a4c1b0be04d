"""The rows of projects and desired state: names, statuses, and what GET shows next."""

from tests import make
from tests.contract import shapes
from tests.contract.conftest import SHOP, packed

DEV = f"{SHOP}/targets/acme/dev"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n"


def test_projects_members_and_places(empty_shop, root, staff):
    """S104: tenants and environments are places of a project, each with a policy."""
    assert root.get(SHOP).body["secretsInGit"] == "refuse"
    assert root.patch(SHOP, description="Sells").body["description"] == "Sells"
    assert root.get(SHOP).body["description"] == "Sells"

    member = root.post(
        f"{SHOP}/members", user="stan", permissions=["releases.view", "freeze.override"]
    )
    assert member.status == 201
    assert member.body["permissions"] == ["freeze.override", "releases.view"]
    assert root.delete(f"{SHOP}/members/{member.body['id']}").status == 204
    assert root.post(f"{SHOP}/members", user="stan", role="king").status == 422
    mine = staff["max"].post(f"{SHOP}/members", user="max", role="approver")
    assert mine.code == "permission_denied"

    made = root.post(f"{SHOP}/environments", slug="dev", name="D", rank=1, colour="")
    assert (made.status, made.body["rank"]) == (201, 1)
    policy = f"{SHOP}/environments/dev/policy"
    assert root.get(policy).body.items() >= {
        ("requiredApprovals", 0),
        ("blockSelfApproval", True),
        ("approvalExpiryHours", None),
        ("autoApprove", False),
        ("blockSelfDeploy", False),
        ("deployMode", "manual"),
    }
    assert root.patch(policy, requiredApprovals=2).body["requiredApprovals"] == 2
    both = root.patch(policy, deployMode="auto", blockSelfDeploy=True)
    assert both.code == "validation_error"


def test_freezes(shop, root, staff):
    """S108, S122: a freeze by hand works at once both ways; windows are listed."""
    freeze = f"{SHOP}/environments/dev/freeze"
    assert root.post(freeze).code == "reason_required"
    until = "2099-01-01T00:00:00Z"
    frozen = root.post(freeze, reason="audit", until=until)
    assert (frozen.status, frozen.body["until"]) == (200, until)
    assert root.get(DEV).body["frozen"] is True
    assert staff["alice"].delete(freeze).code == "permission_denied"
    assert root.delete(freeze).status == 204
    assert root.get(DEV).body["frozen"] is False

    windows = f"{SHOP}/freeze-windows"
    times = {"startsAt": "2040-01-01T18:00:00Z", "endsAt": "2040-01-02T06:00:00Z"}
    window = root.post(windows, timeZone="Europe/Berlin", reason="night", **times)
    assert window.status == 201
    assert window.body.items() >= times.items()
    assert root.delete(f"{windows}/{window.body['id']}").status == 204
    assert root.get(windows).body["items"] == []
    hourly = root.post(windows, rrule="FREQ=HOURLY", reason="x", **times)
    assert hourly.code == "validation_error"


def test_charts_and_workloads(shop, root, staff):
    """A chart is immutable; a workload is bound to each target by PUT."""
    again = root.post_file("charts", packed(make.chart_archive()))
    assert shapes.holds(again.body, {"name": str, "version": str, "digest": str})
    changed = make.chart_archive(files={"values.yaml": "replicas: 7\n"})
    other = root.post_file("charts", packed(changed))
    assert (other.status, other.code) == (409, "chart_version_exists")
    broken = root.post_file("charts", packed(b"no archive"))
    assert broken.code == "validation_error"

    made = staff["alice"].post(
        f"{SHOP}/workloads", name="api", chart="web", chartVersion="1.0.0"
    )
    assert made.status == 201
    assert made.body["allowNondeterministic"] is False
    bound = f"{DEV}/workloads/api"
    assert staff["alice"].put(bound, namespace="", chartVersion="1.0.0").status == 201
    assert staff["alice"].delete(bound).status == 204
    assert staff["alice"].delete(bound).code == "not_found"
    unknown = root.post(f"{SHOP}/workloads", name="b", chart="b", chartVersion="9")
    assert unknown.code == "validation_error"


def test_values_are_yaml_texts(shop, root):
    layer = f"{SHOP}/workloads/web/values?tenant=acme&environment=dev"
    assert root.put_text(layer, "a: 1\r\nb: 2").status == 200
    read = root.get(layer, accept="*/*")
    assert read.response.headers["Content-Type"].startswith("text/yaml")
    assert read.body == "a: 1\nb: 2\n"
    for wrong in ("a: [", "a: 1\na: 2\n", "- 1\n", "a: {{hq.what}}\n"):
        assert root.put_text(layer, wrong).code == "validation_error"
    assert root.get(layer, accept="*/*").body == "a: 1\nb: 2\n"


def test_overlays_manifests_and_variables(shop, root):
    files = {"kustomization.yaml": "resources:\n- cm.yaml\n", "cm.yaml": MAP}
    overlay = f"{DEV}/kustomize/extra"
    assert root.put(overlay, files=files).status == 201
    assert root.get(overlay).body == {
        "name": "extra",
        "workload": None,
        "on": True,
        "files": files,
    }
    assert root.delete(overlay).status == 204
    manifests = f"{DEV}/manifests/plain"
    assert root.put(manifests, files={"cm.yaml": MAP}).status == 201
    assert root.get(manifests).body["files"] == {"cm.yaml": MAP}
    assert root.put(manifests, files={"../cm.yaml": MAP}).code == "validation_error"

    variables = f"{SHOP}/variables"
    place = {"scope": "env", "environment": "dev"}
    secret = root.put(variables, **place, key="PIN", value="long-enough", secret=True)
    assert (secret.status, secret.body["value"]) == (201, None)
    assert root.delete(f"{variables}/{secret.body['id']}").status == 204
    root.put(variables, **place, key="REPLICAS", value="3")
    found = root.get(f"{DEV}/variables?service=web").body["items"]
    assert [(row["key"], row["value"]) for row in found] == [("REPLICAS", "3")]
    explained = root.get(f"{DEV}/variables/REPLICAS").body
    assert explained["winner"]["scope"] == "env"
    assert [row["scope"] for row in explained["beaten"]] == ["repo"]
    impact = root.post(f"{variables}/impact", scope="repo", key="REPLICAS", value="9")
    assert impact.body["items"] == [
        {"tenant": "acme", "environment": "prod", "services": ["web"]}
    ]


def test_an_edit_is_pending_at_once(shop, root, staff):
    """S28, S29, S112: pending changes by type, with who changed what."""
    before = staff["alice"].get(f"{DEV}/pending-changes").body
    bumped = staff["alice"].post(f"{SHOP}/images", service="web", tag="2")
    after = staff["alice"].get(f"{DEV}/pending-changes").body

    assert bumped.status == 200
    assert before.keys() >= {"count", "held", "groups", "eligibleApprovers", "gates"}
    (web,) = [
        change
        for group in after["groups"]
        for change in group["changes"]
        if (group["type"], change["object"]) == ("workload", "web")
    ]
    assert shapes.holds(web, shapes.CHANGE)
    assert web["changedBy"] == "alice"
    assert web["changedAt"] > before["groups"][0]["changes"][0]["changedAt"]
    target = staff["alice"].get(DEV).body
    assert shapes.holds(target, shapes.TARGET)
    assert target["pendingCount"] == after["count"]
    assert staff["stan"].get(f"{DEV}/pending-changes").code == "not_found"


def test_a_preview_renders_without_a_release(shop, staff):
    """S107: what a release would ship, before there is one."""
    preview = staff["vic"].post(f"{DEV}/preview").body

    assert shapes.holds(preview["rendering"], shapes.RENDERING)
    assert preview["rendering"]["state"] == "ready"
    plain = staff["vic"].get(preview["diffs"]["plain"].removeprefix("/api/v1/"))
    assert plain.status == 200
    assert staff["vic"].get(f"{SHOP}/releases").body["items"] == []
