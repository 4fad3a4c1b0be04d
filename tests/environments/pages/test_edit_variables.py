"""Variables: the table, the explanation, setting, secrets, deleting."""

import pytest

from environments import actions
from environments.models import Variable, VariableScope
from gitopshq.core import named_pages
from gitopshq.core.models import AuditEntry

URL = "/projects/shop/variables"
HERE = "tenant=acme&environment=prod&service=api"
SECRET = "correct horse battery"


@pytest.fixture
def place(shop, prod, api_workload):
    def at(scope):
        return {
            "repo": actions.VariablePlace(shop, VariableScope.REPO),
            "env": actions.VariablePlace(
                shop, VariableScope.ENV, environment=prod.environment
            ),
            "tenant": actions.VariablePlace(
                shop, VariableScope.TENANT, tenant=prod.tenant
            ),
            "svc": actions.VariablePlace(
                shop, VariableScope.SVC, target=prod, workload=api_workload
            ),
        }[scope]

    return at


@pytest.fixture
def put(place):
    def save(key, scope, value, **more):
        return actions.set_variable(
            place(scope), key=key, value=value, actor=None, **more
        )

    return save


@pytest.fixture
def post(api_workload, as_person, mona):
    def send(key, scope, value, *, user=mona, version="none", **more):
        data = {"key": key, "scope": scope, "value": value, "version": version, **more}
        return as_person(user).post(f"{URL}/set?{HERE}", data)

    return send


def version_of(client, key, scope):
    answer = client.get(f"{URL}?{HERE}&key={key}&scope={scope}")
    return answer.context["form"]["version"].value()


@pytest.mark.parametrize("scope", VariableScope.values)
def test_a_variable_is_set_at_each_scope(post, value_of, scope):
    """S24: created at any of the four scopes."""
    assert post("REPLICAS", scope, "3\r\n4").status_code == 302

    assert value_of("REPLICAS", scope) == "3\n4"


def test_the_winner_is_marked_and_what_it_beats_is_struck(put, read, mona):
    for scope, value in (("repo", "one"), ("tenant", "two"), ("svc", "three")):
        put("REPLICAS", scope, value)

    page = read(mona, f"{URL}?{HERE}&key=REPLICAS")

    assert '<code class="scope__value">three</code>' in page
    for beaten in ("one", "two"):
        assert f"overridden: </span>{beaten}</s>" in page
    assert "from Service api" in page
    assert "1. Service api, wins" in page
    assert "3. Environment prod" in page
    assert "not set" in page


def test_it_says_where_a_variable_is_used(put, api_workload, read, mona):
    actions.set_values(api_workload, text="a: 1\nb: {{hq.var.REPLICAS}}\n", actor=None)
    put("REPLICAS", "repo", "1")

    page = read(mona, f"{URL}?{HERE}&key=REPLICAS")

    assert "Used in 1 place" in page
    assert "workloads/api/values.yaml:2" in page


def test_what_is_used_but_not_defined_stands_on_top(put, api_workload, read, mona):
    """S75: an unresolved variable is named, with file and line."""
    text = "a: {{hq.var.GONE}}\nb: {{hq.var.tenant.HERE}}\nc: {{hq.var.FINE}}\n"
    actions.set_values(api_workload, text=text, actor=None)
    put("HERE", "repo", "pinned elsewhere")
    put("FINE", "repo", "fine")

    page = read(mona, URL)

    assert "2 variables are used but not defined" in page
    assert "workloads/api/values.yaml:1" in page
    assert "workloads/api/values.yaml:2" in page
    assert "workloads/api/values.yaml:3" not in page


def test_a_secret_is_written_and_never_read(post, read, mona):
    """S24: of a secret its fingerprint is shown, and its value nowhere."""
    post("PASSWORD", "repo", SECRET, secret="on")
    row = Variable.objects.get(key="PASSWORD")
    assert (row.is_secret, row.value) == (True, "")

    page = read(mona, f"{URL}?{HERE}&key=PASSWORD&scope=repo")

    assert f"•••• {row.secret_id[:8]}" in page
    assert SECRET not in page
    assert not AuditEntry.objects.filter(after__icontains=SECRET).exists()


def test_a_secret_left_empty_stays(post, put, as_person, mona):
    before = put("PASSWORD", "repo", SECRET, secret=True).secret_id
    version = version_of(as_person(mona), "PASSWORD", "repo")

    answer = post(
        "PASSWORD", "repo", "", secret="on", description="The old one", version=version
    )

    assert answer.status_code == 302
    row = Variable.objects.get()
    assert (row.secret_id, row.description) == (before, "The old one")


def test_a_secret_does_not_become_plain_by_accident(post, put, as_person, mona):
    put("PASSWORD", "repo", SECRET, secret=True)

    answer = post(
        "PASSWORD", "repo", "", version=version_of(as_person(mona), "PASSWORD", "repo")
    )

    assert answer.status_code == 422
    assert "needs a new value" in answer.content.decode()
    assert Variable.objects.get().is_secret


def test_a_short_secret_is_refused_and_not_shown_again(post):
    answer = post("PASSWORD", "repo", "hush-1", secret="on", description="For the shop")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "at least 8 characters" in page
    assert "hush-1" not in page
    assert "type it again" in page
    assert answer.context["form"]["description"].value() == "For the shop"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("1ST", "x", "no digit first"),
        ("KEY", "{{hq.var.OTHER}}", "KEY:1: a value may not hold"),
        ("KEY", "a\x0bb", "KEY:1: the character U+000B"),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(post, key, value, said):
    answer = post(key, "env", value, message="why")

    assert answer.status_code == 422
    assert said in answer.content.decode()
    form = answer.context["form"]
    assert form["key"].value() == key
    assert form["value"].value() == value
    assert form["scope"].value() == "env"
    assert form["message"].value() == "why"


def test_rights_follow_the_scope(post, pia, olga):
    assert post("A", "repo", "1", user=pia).status_code == 403
    assert post("A", "tenant", "1", user=pia).status_code == 403
    assert post("A", "env", "1", user=pia).status_code == 302
    assert post("A", "svc", "1", user=pia).status_code == 302

    refused = post("B", "env", "kept", user=olga)
    assert refused.status_code == 403
    assert "variables.manage" in refused.content.decode()


def test_two_people_at_once_lose_nothing(post, put, as_person, mona, value_of):
    put("REPLICAS", "repo", "1")
    opened = version_of(as_person(mona), "REPLICAS", "repo")
    put("REPLICAS", "repo", "nine")

    answer = post("REPLICAS", "repo", "three", version=opened)

    assert answer.status_code == 412
    assert '<code class="inline">nine</code>' in answer.content.decode()
    form = answer.context["form"]
    assert form["value"].value() == "three"
    again = post("REPLICAS", "repo", "three", version=form["version"].value())
    assert again.status_code == 302
    assert value_of("REPLICAS", "repo") == "three"


def test_what_exists_already_is_not_overwritten_as_new(post, put, value_of):
    put("REPLICAS", "repo", "1")

    assert post("REPLICAS", "repo", "2").status_code == 412
    assert value_of("REPLICAS", "repo") == "1"


def test_a_variable_is_deleted_at_one_scope(put, as_person, mona):
    """S24: deleted."""
    put("REPLICAS", "repo", "1")
    narrow = put("REPLICAS", "svc", "2")

    answer = as_person(mona).post(f"{URL}/{narrow.pk}/delete?{HERE}")

    assert answer.status_code == 302
    assert Variable.objects.get().scope == "repo"


def test_who_may_not_manage_deletes_nothing(put, as_person, olga, stan):
    url = f"{URL}/{put('REPLICAS', 'repo', '1').pk}/delete"

    assert as_person(stan).post(url).status_code == 404
    assert as_person(olga).post(url).status_code == 403
    assert Variable.objects.exists()


def test_names_are_filtered(put, read, mona):
    put("ALPHA", "repo", "1")
    put("BETA", "repo", "1")

    page = read(mona, f"{URL}?{HERE}&q=alp")

    assert "ALPHA" in page
    assert "BETA" not in page


def test_many_names_are_paged_and_the_chosen_one_stays(
    put, as_person, mona, monkeypatch
):
    monkeypatch.setattr(named_pages, "PAGE", 2)
    for key in "ABCDE":
        put(key, "repo", "1")

    first = as_person(mona).get(f"{URL}?{HERE}&key=E")
    second = as_person(mona).get(f"{URL}?{HERE}&cursor={first.context['named'].next}")

    keys = [[row.key for row in page.context["rows"]] for page in (first, second)]
    assert keys == [["A", "B"], ["C", "D"]]
    assert first.context["explained"].key == "E"
    assert "2 of 5" in first.content.decode()
    assert "cursor=B&amp;key=C" in second.content.decode()
