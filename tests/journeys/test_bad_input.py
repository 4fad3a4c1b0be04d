"""Bad input: each is refused with its code, names what and where, and changes nothing.

What cannot be rendered is no bad edit: it is kept, and stops the release instead.
"""

import io
import tarfile

import pytest

from environments import actions as environments
from environments.models import (
    Chart,
    ChartVersion,
    Edit,
    KustomizeBinding,
    ManifestBinding,
    Text,
    ValuesLayer,
    Variable,
    Workload,
)
from environments.packages import read_package
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases.models import Release
from tests import make
from tests.journeys import charts
from tests.journeys.callers import Answer, Caller, person, program

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "projects/shop"
DEV = f"{SHOP}/targets/acme/dev"
KEPT = (
    *(Chart, ChartVersion, Edit, KustomizeBinding, ManifestBinding),
    *(Release, Text, ValuesLayer, Variable, Workload),
)
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  colour: {colour}
"""


@pytest.fixture
def shop(transactional_db):
    return make.project("shop")


@pytest.fixture
def target(shop):
    """Needs no approval, and runs one service."""
    target = make.target(shop, environment="dev")
    archive = environments.upload_chart(read_package(charts.packed()), actor=None)
    make.workload(shop, "web", chart=archive.version, on=[target])
    return target


@pytest.fixture
def alice(target):
    make.user("alice", role=Role.MAINTAINER, on=target.project, password="alice-demo")
    return person("alice")


@pytest.fixture
def refused(alice):
    """Call as alice, and see that nothing came of it but the record of a refusal."""

    def call(method, *args, **kwargs) -> Answer:
        before = everything()
        answer = method(*args, **kwargs)
        assert everything() == before
        return answer

    return call


def everything():
    """Return all that an edit could change, and what the trail says was done."""
    done = AuditEntry.objects.exclude(event__endswith="_refused").order_by("pk")
    return [
        list(done.values_list("event", "object_label")),
        *(list(model._default_manager.order_by("pk").values()) for model in KEPT),
    ]


def only_error(answer: Answer) -> dict:
    """Return the one error of a 422."""
    assert answer.status == 422, answer.body
    [error] = answer.body["errors"]
    return dict(error)


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    """Return a chart named web with *members* besides its files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as packed:
        for path, text in charts.FILES.items():
            member = tarfile.TarInfo(f"web/{path}")
            member.size = len(text)
            packed.addfile(member, io.BytesIO(text.encode()))
        for member, content in members:
            packed.addfile(member, io.BytesIO(content))
    return named(raw.getvalue())


def named(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = "web-2.0.0.tgz"
    return file


def link(path: str, to: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(path)
    member.type, member.linkname = tarfile.SYMTYPE, to
    return member, b""


def put_manifests(caller: Caller, **texts: str) -> None:
    """Save manifests: a text that cannot be rendered is a text all the same."""
    files = {f"{name}.yaml": text for name, text in texts.items()}
    saved = caller.put(f"{DEV}/manifests/flags", files=files)
    assert saved.status in {200, 201}, saved.body


def cannot_be_released(refused, alice: Caller, code: str) -> dict:
    """Return the one error that preview, release and refusal to submit all name."""
    preview = refused(alice.post, f"{DEV}/preview")
    assert preview.body["rendering"]["state"] == "failed"
    [shown] = preview.body["rendering"]["errors"]
    words = {"tenant": "acme", "environment": "dev", "title": "It cannot be"}
    made = alice.post(f"{SHOP}/releases", **words)
    assert made.status == 201, made.body
    assert (made.body["state"], made.body["digest"]) == ("draft", None)
    assert made.body["rendering"]["errors"] == [shown]

    answer = refused(alice.post, f"{SHOP}/releases/{made.body['number']}/submit")

    assert (answer.status, answer.code) == (422, code)
    assert shown["code"] == code
    assert only_error(answer)["detail"] == shown["message"]
    return dict(shown)


def test_broken_yaml_in_values_names_its_line(refused, alice):
    text = "replicas: 2\nimage: {tag: '1'\nservice: 3\n"

    answer = refused(alice.put_text, f"{SHOP}/workloads/web/values", text)

    error = only_error(answer)
    assert answer.code == "validation_error"
    assert (error["file"], error["line"]) == ("workloads/web/values.yaml", 3)
    assert "workloads/web/values.yaml:3" in answer.body["detail"]


@pytest.mark.parametrize(
    ("chart", "path", "said"),
    [
        (named(b"<html>not found</html>"), None, "is no gzipped tar"),
        (archive(link("web/x", "/etc/passwd")), "web/x", "links may not stand"),
        (archive((tarfile.TarInfo("web/../x"), b"")), "web/../x", "may not hold '..'"),
        (archive((tarfile.TarInfo("/etc/x"), b"")), "/etc/x", "an absolute path"),
    ],
    ids=["no tar", "a link", "upwards", "absolute"],
)
def test_an_archive_that_is_no_chart_is_refused(refused, alice, chart, path, said):
    chart.seek(0)

    answer = refused(alice.post_file, "charts", chart)

    error = only_error(answer)
    assert answer.code == "validation_error"
    assert error["pointer"] == "/file"
    assert error.get("file") == path
    assert said in error["detail"]
    assert error["detail"] in answer.body["detail"]


def test_other_bytes_under_a_known_version_are_refused(refused, alice):
    files = {**charts.FILES, "values.yaml": "replicas: 9\n"}

    answer = refused(alice.post_file, "charts", named(charts.packed(files)))

    assert (answer.status, answer.code) == (409, "chart_version_exists")
    assert "web 1.0.0" in answer.body["detail"]


def test_an_unknown_chart_version_is_refused(refused, alice):
    body = {"name": "api", "chart": "web", "chartVersion": "9.9.9"}

    answer = refused(alice.post, f"{SHOP}/workloads", **body)

    error = only_error(answer)
    assert answer.code == "validation_error"
    assert error["pointer"] == "/chartVersion"
    assert "9.9.9" in error["detail"]


def test_a_missing_variable_stops_a_release(refused, alice):
    """S75: it is named with its file and line, and where it was looked for."""
    put_manifests(
        alice, flags=CONFIG_MAP.format(name="flags", colour='"{{hq.var.COLOUR}}"')
    )

    error = cannot_be_released(refused, alice, "variable_unresolved")

    assert error["file"] == "targets/acme/dev/manifests/flags/flags.yaml"
    assert error["line"] == 6
    assert "COLOUR" in error["message"]


def test_a_template_error_stops_a_release(refused, alice):
    """S74: it names the template and the line that cannot be rendered."""
    text = "image: 7\n"
    saved = alice.put_text(f"{SHOP}/workloads/web/values", text)
    assert saved.status == 200, saved.body

    error = cannot_be_released(refused, alice, "template_error")

    assert error["unit"] == "web"
    assert error["file"].endswith("templates/deployment.yaml")
    assert error["line"] == 17


def test_a_resource_that_is_there_twice_stops_a_release(refused, alice):
    put_manifests(
        alice,
        first=CONFIG_MAP.format(name="flags", colour="red"),
        second=CONFIG_MAP.format(name="flags", colour="blue"),
    )

    error = cannot_be_released(refused, alice, "template_error")

    assert error["unit"] == "flags"
    assert "ConfigMap" in error["message"]
    assert "flags" in error["message"]


def test_an_overlay_with_a_remote_base_is_not_saved(refused, alice):
    """Nothing is fetched: the base is named, with its file and line."""
    base = "https://example.com/base?ref=main"
    text = f"resources:\n  - {base}\n"

    answer = refused(
        alice.put, f"{DEV}/kustomize/remote", files={"kustomization.yaml": text}
    )

    assert (answer.status, answer.code) == (422, "validation_error")
    [error] = answer.body["errors"]
    assert (error["file"], error["line"]) == ("kustomization.yaml", 2)
    assert base in error["detail"]


def test_a_token_without_the_scope_is_refused(refused, alice, target):
    owner = make.user("bob", role=Role.MAINTAINER, on=target.project)
    reader = program(make.token(owner, scopes=["read"])[1])

    answer = refused(
        reader.put, f"{SHOP}/variables", scope="repo", key="COLOUR", value="red"
    )

    assert (answer.status, answer.code) == (403, "permission_denied")
    assert "config:write" in answer.body["detail"]


def test_without_anything_it_is_401(refused):
    answer = refused(program("gohq_" + "0" * 43).get, SHOP)

    assert (answer.status, answer.code) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("tenants", {"slug": "globex", "name": "Globex", "tier": 1}, "/tier"),
        ("tenants", {"slug": "globex", "name": "G", "createdAt": "now"}, "/createdAt"),
        ("targets", {"tenant": "acme", "name_space": "x"}, "/name_space"),
        ("releases", {"tenant": "acme", "state": "approved"}, "/state"),
    ],
)
def test_an_unknown_field_is_refused_and_named(refused, alice, path, body, pointer):
    answer = refused(alice.post, f"{SHOP}/{path}", **body)

    assert (answer.status, answer.code) == (422, "validation_error")
    assert pointer in {error["pointer"] for error in answer.body["errors"]}


def test_an_unknown_filter_is_refused(refused, alice):
    answer = refused(alice.get, f"{SHOP}/releases?stat=draft")

    assert (answer.status, answer.code) == (422, "validation_error")


def test_what_one_may_not_see_is_absent(refused, alice):
    make.project("secret-plans")

    answer = refused(alice.get, "projects/secret-plans")

    assert (answer.status, answer.code) == (404, "not_found")
