"""Values inside Secret manifests are masked wherever people look; all else is as is."""

import pytest

from delivery.manifests import manifest_texts
from delivery.masking import Masker
from tests.delivery.conftest import CONFIG, SECRET

pytestmark = pytest.mark.django_db

HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"


def masked(text):
    return Masker().masked(text)


@pytest.mark.parametrize(
    "value",
    [
        "topsecret1",
        '"topsecret1"',
        "'topsecret1'",
        "|\n    topsecret1\n    topsecret1",
        ">-\n    topsecret1",
        "&anchor topsecret1",
        "[topsecret1, {deep: topsecret1}]",
        "\n    deep: topsecret1",
    ],
)
@pytest.mark.parametrize("field", ["data", "stringData"])
def test_a_value_is_masked_however_it_is_written(field, value):
    text = f"{HEAD}{field}:\n  key: {value}\n  other: topsecret2\ntype: Opaque\n"

    shown = masked(text)

    assert "topsecret" not in shown
    assert shown.startswith(HEAD)
    assert shown.endswith("type: Opaque\n")
    assert shown.count("<secret ") == 2


def test_equal_values_have_equal_masks_and_others_others():
    text = f"{HEAD}stringData:\n  a: topsecret1\n  b: 'topsecret1'\n  c: topsecret2\n"

    *_, a, b, c = (line.partition(": ")[2] for line in masked(text).splitlines())

    assert a == b != c
    assert masked(text) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}data: {{a: topsecret1, b: topsecret1}}\n",
        f"{HEAD}data: &all\n  a: &one topsecret1\n  b: *one\nstringData: *all\n",
        f"{HEAD}x: &v topsecret1\ndata:\n  a: *v\n",
        f"{HEAD}x: &m {{a: topsecret1}}\ndata:\n  <<: *m\n",
        f"{HEAD}data: topsecret1\n",
        HEAD.replace("Secret", '"\\x53ecret"') + "data:\n  a: topsecret1\n",
        '{"kind": "S\\u0065cret", "data": {"a": "topsecret1"}}\n',
    ],
)
def test_nothing_written_cleverly_gets_through(text):
    assert "topsecret" not in masked(text)


def test_other_kinds_are_shown_byte_for_byte():
    """S41, S42, S4: what is reviewed is what is committed."""
    for text in (
        CONFIG.format(name="flags", value="1"),
        CONFIG.format(name="Secret", value="topsecret1"),
        'kind: ExternalSecret\ndata: [{secretKey: "a"}]\n# Secret\n',
        "kind: ConfigMap\ndata:\n  windows: 'C:\\temp'\n",
        "",
    ):
        assert masked(text) == text


def test_a_diff_of_secrets_tells_that_they_changed_and_not_what_they_are(
    shop, put, rendered
):
    """S41: the value itself is nobody's to see."""
    put(SECRET.format(name="s", value="topsecret1"))
    first = rendered()
    put(SECRET.format(name="s", value="topsecret2"))
    second = rendered()

    before, after = manifest_texts(shop, first.tree, second.tree)

    path = "flags/secret-s.yaml"
    assert before.keys() == after.keys() == {path}
    assert before[path] != after[path]
    assert "topsecret" not in before[path] + after[path]
    assert manifest_texts(shop, "", first.tree)[1][path] == before[path]
