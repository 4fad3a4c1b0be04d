"""The editor of values: saving a layer, refusals in place, two people at once."""

import pytest

from environments import actions, ports
from environments.desired.state import EMPTY_TEXT
from environments.desired.texts import text_digest
from environments.models import Edit, VariableScope
from environments.views.two_texts import TwoTexts
from tests import make

URL = "/projects/shop/workloads/api/values"
BROKEN = "replicas: 1\n  tag: [\n"


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """What a worker makes of an edit that is tried; the States it was asked for."""
    asked = []
    file = ports.TriedFile("api/configmap-api.yaml", "a: 1\n", "a: 2\n")

    def answer(target, now, then):
        asked.append((now, then))
        return ports.Trial("ready", files=(file,))

    monkeypatch.setattr(ports.dry_run, "_answer", answer)
    return asked


@pytest.fixture
def post(as_person, mona):
    def send(text, *, url=URL, user=mona, version=EMPTY_TEXT, **more):
        data = {"text": text, "version": version, "message": "why", **more}
        answer = as_person(user).post(url, data)
        asked = answer.context and answer.context.get("impact")
        if asked and asked["needs_tick"] and more.get("do") != "check":
            # What a shared layer moves is agreed to: see test_review_edits.
            answer = as_person(user).post(url, {**data, "agreed": asked["digest"]})
        return answer

    return send


def test_a_layer_is_saved_as_an_edit(api_workload, post, mona, text_of):
    """S3, S7: the page changes desired state, by an edit of its author."""
    answer = post("replicas: 3\r\n")

    assert answer.status_code == 302
    assert text_of(api_workload) == "replicas: 3\n"
    edit = Edit.objects.latest("sequence")
    assert (edit.actor, edit.message) == (mona, "why")


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("environment=prod", (None, "prod")),
        ("tenant=acme", ("acme", None)),
        ("tenant=acme&environment=prod", ("acme", "prod")),
    ],
)
def test_the_address_chooses_the_layer(api_workload, prod, post, text_of, query, slugs):
    post("replicas: 3\n", url=f"{URL}?{query}")

    tenant = prod.tenant if slugs[0] else None
    environment = prod.environment if slugs[1] else None
    assert text_of(api_workload, tenant, environment) == "replicas: 3\n"
    assert text_of(api_workload) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BROKEN, "values.yaml:2"),
        ("a: 1\na: 2\n", "values.yaml:2: the key &#x27;a&#x27; for the second time"),
        ("- a\n", "the root is no map"),
        ("a: {{hq.oops}}\n", "values.yaml:1: {{ hq begins no placeholder"),
    ],
)
def test_a_refusal_names_the_line_and_keeps_the_text(
    api_workload, post, text_of, text, said
):
    """S74: broken YAML is named by file and line, and nothing is lost."""
    answer = post(text)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "data-wrong" in page
    assert answer.context["form"]["text"].value() == text
    assert answer.context["form"]["message"].value() == "why"
    assert text_of(api_workload) == ""


def test_without_the_permission_the_text_is_not_looked_at(api_workload, post, olga):
    """S93: who may not save is told so, and not what is wrong with the text."""
    for text in ("replicas: 3\n", "a: [\n"):
        answer = post(text, user=olga)
        assert answer.status_code == 403
        assert "workloads.manage" in answer.content.decode()

    assert post("a: 1\n", user=olga, do="check").status_code == 200


def test_rights_follow_the_layer(api_workload, post, pia, text_of, production):
    assert post("a: 1\n", user=pia).status_code == 403
    answer = post("a: 1\n", user=pia, url=f"{URL}?environment=prod")

    assert answer.status_code == 302
    assert text_of(api_workload, None, production) == "a: 1\n"


def test_checking_saves_nothing_and_shows_what_would_change(
    api_workload, post, text_of, rendered
):
    """The difference of the text, and of the manifests that a worker makes of it."""
    actions.set_values(api_workload, text="replicas: 1\n", actor=None)

    answer = post("replicas: 2\n", do="check")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "It renders" in page
    assert text_of(api_workload) == "replicas: 1\n"
    assert 'data-line="changed"' in page or "<ins>" in page
    assert answer.context["form"]["text"].value() == "replicas: 2\n"
    assert "changes 1 manifest" in page
    assert "api/configmap-api.yaml" in page
    ((now, then),) = rendered
    assert [w.layers for w in now.workloads] != [w.layers for w in then.workloads]


def test_what_an_onlooker_checks_is_not_rendered(api_workload, post, olga, rendered):
    assert post("a: 1\n", user=olga, do="check").status_code == 200
    assert not rendered


def test_a_missing_variable_is_named_before_anything_renders(
    api_workload, post, rendered
):
    """S75: file, line and the scopes looked at, on the page where it is typed."""
    page = post("a: 1\nb: {{hq.var.GONE}}\n", do="check").content.decode()

    assert "It does not render" in page
    assert "workloads/api/values.yaml:2" in page
    assert "GONE" in page
    assert not rendered


def test_two_people_at_once_lose_nothing(api_workload, post, dana, text_of):
    """The second sees base, theirs and yours, and may then save over the first."""
    actions.set_values(api_workload, text="replicas: 9\n", actor=dana)

    answer = post("replicas: 3\n", version=EMPTY_TEXT)

    page = answer.content.decode()
    assert answer.status_code == 412
    assert "somebody else saved this" in page
    assert "replicas: 9" in page
    form = answer.context["form"]
    assert form["text"].value() == "replicas: 3\n"
    assert text_of(api_workload) == "replicas: 9\n"

    assert post("replicas: 3\n", version=form["version"].value()).status_code == 302
    assert text_of(api_workload) == "replicas: 3\n"


def test_of_two_texts_one_is_made_path_by_path(api_workload, post, dana, text_of):
    """What only one of them changed is chosen already; nothing typed is lost."""
    before = "# ours\na: 1\nb: 1 # b\nc: 1\n"
    theirs = before.replace("a: 1", "a: 2").replace("c: 1", "c: 2")
    mine = before.replace("b: 1", "b: 3").replace("c: 1", "c: 3")
    actions.set_values(api_workload, text=before, actor=None)
    opened = text_digest(before)
    actions.set_values(api_workload, text=theirs, actor=dana)

    late = post(mine, version=opened)
    choices = {
        choice.name: (choice.about.changed_by, choice.side)
        for choice in late.context["two"].choices
    }
    assert choices == {
        "side:/a": ("theirs", "theirs"),
        "side:/b": ("yours", "yours"),
        "side:/c": ("both", "yours"),
    }
    assert "1 changed by both" in late.content.decode()

    sides = {"side:/a": "theirs", "side:/b": "yours", "side:/c": "theirs"}
    version = late.context["form"]["version"].value()
    taken = post(mine, version=version, opened=opened, do="take", **sides)
    text = taken.context["form"]["text"].value()
    assert taken.status_code == 200
    assert text == "# ours\na: 2\nb: 3 # b\nc: 2\n"
    assert "c: 3" in taken.context["before_taking"]
    assert text_of(api_workload) == theirs

    assert post(text, version=version).status_code == 302
    assert text_of(api_workload) == text


def test_a_digest_that_is_sent_tells_no_text_of_elsewhere(
    api_workload, post, olga, dev, text_of
):
    """S93: a text is the base of a layer only if the layer once held it."""
    hidden = "password: guessed\n"
    actions.put_manifests(dev, name="other", files={"a.yaml": hidden}, actor=None)
    actions.set_values(api_workload, text="a: 1\n", actor=None)
    actions.set_values(api_workload, text="a: 2\n", actor=None)

    for text, known in ((hidden, ""), ("a: 1\n", "a: 1\n")):
        sides = {"do": "take", "opened": text_digest(text), "side:": "yours"}
        answer = post("# mine\na: 3\n", user=olga, **sides)
        assert answer.context["two"].base == known


def test_what_is_chosen_at_first_can_be_taken():
    """Comments of yours would come with all of your text or not at all."""
    texts = ("a: 1\nb: 1\n", "# new\na: 2\nb: 1\n", "# mine\na: 1\nb: 3\n")

    chosen = {one.name: one.side for one in TwoTexts(*texts, {}).choices}

    assert set(chosen) == {"side:/a", "side:/b", "side:"}
    assert TwoTexts(*texts, chosen).taken() == "# new\na: 2\nb: 3\n"


def test_the_preview_shows_which_layer_wins(api_workload, prod, shop, read, mona):
    """S40: all layers together, for one target, with variables put in."""
    text = "replicas: {{hq.var.N}}\nlog: {{hq.var.GONE}}\nkept: 1\n"
    actions.set_values(api_workload, text=text, actor=None)
    actions.set_values(
        api_workload, text="kept: 2\n", environment=prod.environment, actor=None
    )
    place = actions.VariablePlace(shop, VariableScope.REPO)
    actions.set_variable(place, key="N", value="7", actor=None)

    page = read(mona, f"{URL}?target=acme/prod")

    assert "replicas:</span> 7</pre>" in page
    assert "&lt;unresolved GONE&gt;" in page
    assert "over Base" in page
    assert "3 of 3 values said by a layer of yours" in page


def test_the_preview_masks_secrets(api_workload, shop, read, mona):
    actions.set_values(api_workload, text="token: {{hq.var.T}}\n", actor=None)
    place = actions.VariablePlace(shop, VariableScope.REPO)
    actions.set_variable(place, key="T", value="hunter22!", secret=True, actor=None)

    page = read(mona, URL)

    assert "&lt;secret " in page
    assert "hunter22!" not in page


def test_a_layer_of_a_target_that_is_none_is_not_found(api_workload, shop, post):
    make.environment(shop, "later")

    answer = post("a: 1\n", url=f"{URL}?tenant=acme&environment=later")

    assert answer.status_code == 404
