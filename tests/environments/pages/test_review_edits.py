"""What an edit moves is shown before it is saved, and agreed to where it is broad."""

import pytest

from environments import actions
from environments.models import Edit, Variable, VariableScope
from environments.permissions import Permission
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/projects/shop/variables"
HERE = "tenant=acme&environment=prod&service=api"
HOST = "host: '{{hq.var.HOST}}'\n"
SECRET = "correct horse battery"


@pytest.fixture
def repo(shop):
    return actions.VariablePlace(shop, VariableScope.REPO)


@pytest.fixture
def svc(shop, prod, api_workload):
    return actions.VariablePlace(
        shop, VariableScope.SVC, target=prod, workload=api_workload
    )


@pytest.fixture
def host(repo, prod, dev, api_workload):
    """``HOST``, which ``api`` uses in production and in development."""
    actions.bind_workload(api_workload, to=dev, actor=None)
    actions.set_values(api_workload, text=HOST, actor=None)
    return actions.set_variable(repo, key="HOST", value="old", actor=None)


@pytest.fixture
def opened(as_person, mona):
    """Return what the page knows of a form that somebody opened."""

    def read(query, user=mona):
        return as_person(user).get(f"{URL}?{HERE}&{query}").context

    return read


@pytest.fixture
def send(as_person, mona):
    def post(path="set", user=mona, htmx=False, **data):
        headers = {"HX-Request": "true"} if htmx else {}
        return as_person(user).post(f"{URL}/{path}?{HERE}", data, headers=headers)

    return post


def test_a_broad_edit_is_agreed_to_before_it_is_saved(host, opened, send, value_of):
    """S3, S40: with its effects in view, and as a pending change only."""
    form = opened("key=HOST&scope=repo")
    edit = {
        "key": "HOST",
        "scope": "repo",
        "value": "new",
        "message": "moving",
        "version": form["form"]["version"].value(),
    }

    refused = send(**edit)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "affects 2 tenant-environments in 2 environments" in page
    assert refused.context["form"]["value"].value() == "new"
    assert refused.context["form"]["message"].value() == "moving"
    assert value_of("HOST", "repo") == "old"
    # What was ticked when the form was opened counts: one step without script.
    assert form["impact"]["digest"] == refused.context["impact"]["digest"]
    assert send(agreed=form["impact"]["digest"], **edit).status_code == 302
    assert value_of("HOST", "repo") == "new"


def test_agreeing_to_one_impact_is_not_agreeing_to_another(
    host, opened, send, value_of, shop, api_workload
):
    form = opened("key=HOST&scope=repo")
    other = make.target(shop, tenant="globex", environment="prod")
    actions.bind_workload(api_workload, to=other, actor=None)

    refused = send(
        key="HOST",
        scope="repo",
        value="new",
        version=form["form"]["version"].value(),
        agreed=form["impact"]["digest"],
    )

    assert refused.status_code == 422
    assert "affects 3 tenant-environments in 2 environments" in refused.content.decode()
    assert value_of("HOST", "repo") == "old"


def test_a_narrow_edit_asks_only_where_it_breaks_something(
    host, send, value_of, api_workload
):
    edit = {"key": "HOST", "scope": "svc", "version": "none"}
    assert send(value="mine", **edit).status_code == 302
    assert value_of("HOST", "svc") == "mine"

    actions.set_values(api_workload, text="host: {{hq.var.HOST}}\n", actor=None)
    form = send(key="HOST", scope="svc", value="", do="check").context
    assert "values.yaml:1: HOST: " in form["impact"]["problems"][0]
    assert form["impact"]["needs_tick"]


def test_looking_saves_nothing_and_shows_the_impact_alone(host, send, svc, value_of):
    actions.set_variable(svc, key="HOST", value="mine", actor=None)

    looked = send(key="HOST", scope="repo", value="new", do="check", htmx=True)

    page = looked.content.decode()
    assert looked.status_code == 200
    assert "<html" not in page
    assert "1 tenant-environment</b> in 1 environment would render differently" in page
    assert "Shadowed in 1" in page
    assert "behind the service&#x27;s own value" in page
    assert value_of("HOST", "repo") == "old"
    short = {"scope": "repo", "value": "short", "secret": "on", "do": "check"}
    told = send(key="HOST", htmx=True, **short).content.decode()
    assert "at least 8 characters" in told
    assert "Once it has a name" in send(key="", htmx=True, **short).content.decode()


def test_a_secret_is_agreed_to_in_one_step_and_never_shown(host, opened, send, repo):
    """S24: looking at what it moves keeps the secret off the page."""
    form = opened("key=HOST&scope=repo")
    edit = {"key": "HOST", "scope": "repo", "value": SECRET, "secret": "on"}

    for sent in ({"do": "check"}, {}):
        looked = send(version=form["form"]["version"].value(), **edit, **sent)
        page = looked.content.decode()
        assert SECRET not in page
        assert "type it again" in page
    saved = send(
        version=form["form"]["version"].value(),
        agreed=form["impact"]["digest"],
        **edit,
    )

    assert saved.status_code == 302
    row = Variable.objects.get(key="HOST")
    told = opened("key=HOST")["secret"]
    assert told["fingerprint"] == row.secret_id[:8]

    # The old value comes back: it was rotated when it did, and not by a description.
    actions.set_variable(repo, key="HOST", value=f"{SECRET} II", actor=None)
    actions.set_variable(repo, key="HOST", value=SECRET, actor=None)
    back = Edit.objects.latest("sequence")
    actions.set_variable(repo, key="HOST", value=None, description="Of it", actor=None)
    again = opened("key=HOST")["secret"]
    assert again["fingerprint"] == told["fingerprint"]
    assert again["rotated_at"] == back.at > told["rotated_at"]


def test_only_what_one_may_view_is_counted(host, prod, opened, shop):
    """S93: nothing is told of targets that one may not view."""
    writer = make.user(may=[Permission.MANAGE_VARIABLES], on=shop)
    actions.grant_permissions(
        prod.environment, to=writer, permissions=[Permission.VIEW_RELEASE], actor=None
    )

    impact = opened("key=HOST&scope=repo", user=writer)["impact"]

    assert (impact["count"], impact["environments"]) == (1, 1)


def test_an_onlooker_is_shown_no_impact(host, opened, send, olga):
    """S89: who may not save is told why, and guesses no secret."""
    page = opened("key=HOST&scope=repo", user=olga)
    assert page["impact"] is None

    looked = send(key="HOST", scope="repo", value="old", do="check", user=olga)
    assert looked.status_code == 403


def test_what_is_used_is_neither_deleted_nor_renamed(host, read, send, mona, olga):
    """S24: the places that would miss it are listed, with their editors."""
    page = read(mona, f"{URL}?{HERE}&key=HOST&delete=repo")
    editor = (
        'href="/projects/shop/workloads/api/values">workloads/api/values.yaml:1</a>'
    )
    assert editor in page
    assert "Refused while it is used" in page
    assert 'aria-disabled="true"' in read(olga, f"{URL}?{HERE}&key=HOST&rename=repo")

    for step in ("delete", "rename"):
        refused = send(f"{host.pk}/{step}", key="OTHER", agreed="anything")
        assert refused.status_code == 409
    assert Variable.objects.get().key == "HOST"


def test_an_override_is_deleted_once_its_impact_is_agreed_to(
    host, opened, send, prod, shop
):
    place = actions.VariablePlace(shop, VariableScope.ENV, environment=prod.environment)
    row = actions.set_variable(place, key="HOST", value="narrow", actor=None)
    asked = opened("key=HOST&delete=env")
    assert asked["impact"]["line"] == "affects 1 tenant-environment in 1 environment"

    assert send(f"{row.pk}/delete").status_code == 422
    gone = send(f"{row.pk}/delete", agreed=asked["impact"]["digest"])

    assert gone.status_code == 302
    assert not Variable.objects.filter(pk=row.pk).exists()


def test_what_nothing_uses_gets_another_name(repo, prod, send, opened):
    row = actions.set_variable(repo, key="SPARE", value="1", actor=None)
    actions.set_variable(repo, key="TAKEN", value="1", actor=None)
    assert opened("key=SPARE&rename=repo")["needed"] == []

    assert send(f"{row.pk}/rename", key="1ST").status_code == 422
    taken = send(f"{row.pk}/rename", key="TAKEN")
    assert "set there already" in taken.content.decode()
    assert send(f"{row.pk}/rename", key="FRESH").status_code == 302

    assert Variable.objects.get(pk=row.pk).key == "FRESH"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.before, entry.after) == ({"key": "SPARE"}, {"key": "FRESH"})


def test_a_name_that_texts_hold_already_is_agreed_to(
    host, repo, opened, send, prod, shop
):
    """S40: a rename moves what a new variable of that name would."""
    row = actions.set_variable(repo, key="SPARE", value="1", actor=None)
    place = actions.VariablePlace(shop, VariableScope.ENV, environment=prod.environment)
    narrow = actions.set_variable(place, key="SPARE", value="2", actor=None)

    refused = send(f"{narrow.pk}/rename", key="HOST")
    impact = refused.context["impact"]
    assert refused.status_code == 422
    assert impact["line"] == "affects 1 tenant-environment in 1 environment"
    assert send(f"{row.pk}/rename", key="FREE").status_code == 302
    done = send(f"{narrow.pk}/rename", key="HOST", agreed=impact["digest"])

    assert done.status_code == 302
    assert AuditEntry.objects.latest("pk").data["environment"] == "prod"
    actions.archive(prod.environment, actor=None)
    assert send(f"{narrow.pk}/rename", key="LATE").status_code == 400


def test_a_shared_layer_is_agreed_to_before_it_is_saved(host, prod, as_person, mona):
    """S3, S40: where it renders, where narrower layers win, where it is text alone."""
    workload = host.project.workloads.get(name="api")
    own = {"tenant": prod.tenant, "environment": prod.environment}
    actions.set_values(workload, text="size: 9\n", actor=None, **own)
    url = "/projects/shop/workloads/api/values"
    client = as_person(mona)
    version = client.get(url).context["form"]["version"].value()

    def post(text, do="save", **more):
        data = {"text": text, "version": version, "message": "why", "do": do, **more}
        return client.post(url, data)

    assert post(f"# why\n{HOST}", "check").context["impact"]["text_only_count"] == 2
    text = f"{HOST}size: 3\n"
    refused = post(text)
    page, impact = refused.content.decode(), refused.context["impact"]
    assert refused.status_code == 422
    assert "affects 1 tenant-environment in 1 environment" in page
    assert "Shadowed in 1" in page
    assert "behind the target&#x27;s own values" in page
    assert refused.context["form"]["text"].value() == text
    assert post(text, agreed=impact["digest"]).status_code == 302

    alone = {"text": "size: 8\n", "message": "", "do": "save"}
    own_url = f"{url}?tenant=acme&environment=prod"
    alone["version"] = client.get(own_url).context["form"]["version"].value()
    assert client.post(own_url, alone).status_code == 302
