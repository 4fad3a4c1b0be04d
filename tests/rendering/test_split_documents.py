"""What an engine printed is cut into resources, their bytes kept."""

import pytest

from delivery.rendering.documents import (
    Chunk,
    DocumentRefused,
    read_documents,
    split,
)


def documents(text):
    return [document for chunk in split(text) for document in read_documents(chunk)]


def config(name, body=""):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{body}"


def test_documents_keep_their_bytes():
    one = config("a", "data:\n  x:   'odd'   # spacing\n\n  y: |\n    ---\n    z\n")
    two = "# Source: c/t.yaml\n" + config("b")

    found = documents(f"---\n{one}---\n{two}")

    assert [document.text for document in found] == [one, two]


def test_markers_blank_lines_and_line_ends_are_made_the_same():
    one = config("a").replace("\n", "\r\n")
    text = f"\n\n--- \r\n\r\n{one}\n\n---\t\n\n--- # remark\n{config('b')}"

    found = documents(text)

    assert [document.text for document in found] == [
        config("a"),
        f"# remark\n{config('b')}",
    ]


def test_a_last_line_of_spaces_belongs_to_its_block():
    text = config("a", "data:\n  x: |\n    y\n      \n")

    assert [document.text for document in documents(f"{text}\n---\n")] == [text]


@pytest.mark.parametrize(
    "text", ["", "\n", "---\n", "# only\n---\n# remarks\n", "null\n"]
)
def test_what_holds_no_resource_gives_none(text):
    assert documents(text) == []


def test_the_identity_is_read_as_printed():
    text = (
        "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\n"
        'metadata: {namespace: "here", "name": "0123"}\n'
    )

    (document,) = documents(text)

    assert (document.api_version, document.kind, document.namespace, document.name) == (
        "rbac.authorization.k8s.io/v1",
        "Role",
        "here",
        "0123",
    )
    assert document.group == "rbac.authorization.k8s.io"


def test_a_list_becomes_its_items_with_their_source():
    items = config("a", "data:\n  x: |\n    1\n\n    2\n").replace("\n", "\n    ")
    text = (
        "# Source: c/t.yaml\napiVersion: v1\nkind: List\nitems:\n"
        f"  - {items.strip()}\n"
        "  # about the second\n"
        "  - {apiVersion: v1, kind: ConfigMap,\n     metadata: {name: b}}\n"
    )

    found = documents(text)

    assert [document.name for document in found] == ["a", "b"]
    assert found[0].text == "# Source: c/t.yaml\n" + config(
        "a", "data:\n  x: |\n    1\n\n    2\n# about the second\n"
    )
    assert found[1].text == (
        "# Source: c/t.yaml\n{apiVersion: v1, kind: ConfigMap,\n metadata: {name: b}}\n"
    )


def test_lists_in_json_and_inside_lists_are_taken_apart():
    text = (
        '{"apiVersion":"v1","kind":"List","items":['
        '{"apiVersion":"v1","kind":"ConfigMapList","items":['
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}]},'
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}]}'
    )

    assert [(d.kind, d.name) for d in documents(text)] == [
        ("ConfigMap", "a"),
        ("Pod", "b"),
    ]


def test_an_empty_list_gives_nothing_and_a_kind_that_ends_so_is_kept():
    kept = "apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [1.2.3.4]\n"

    assert documents("apiVersion: v1\nkind: List\nitems: []\n") == []
    assert [document.text for document in documents(kept)] == [kept]


def test_items_that_lean_on_each_other_are_refused():
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a, labels: &l {x: y}}\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: b, labels: *l}\n"
    )

    with pytest.raises(DocumentRefused, match="cannot be told apart"):
        documents(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "no map"),
        ("just words\n", "no map"),
        ("kind: Pod\nmetadata: {name: a}\n", "without apiVersion or kind"),
        ("apiVersion: v1\nkind: Pod\n", "without metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: }\n", "without metadata.name"),
        ("apiVersion: v1\nkind: ../x\nmetadata: {name: a}\n", "no Kubernetes kind"),
        (config("a") + "metadata: {}\n", "second time"),
        (config("a") + "x: [\n", "not YAML"),
        (config("a", "x: " + "[" * 2000), "levels deep"),
        (config("a") + "\r---\r" + config("b"), "several documents"),
    ],
)
def test_what_is_no_resource_is_refused(text, message):
    with pytest.raises(DocumentRefused, match=message):
        documents(text)


def test_a_key_twice_counts_where_it_names_the_resource_only():
    """Helm prints what charts repeat; readers must agree on what it is."""
    labels = "  labels:\n    a: x\n    a: y\n"
    text = config("a") + labels

    assert [document.text for document in documents(text)] == [text]
    for twice in ("  name: b\n", "kind: Pod\n", "  namespace: a\n  namespace: b\n"):
        with pytest.raises(DocumentRefused, match="second time"):
            documents(config("a") + twice)


def test_a_refusal_names_the_line_in_the_whole_text():
    text = config("a") + "---\n\n# about b\nkind: [\n"
    chunk = list(split(text))[1]

    with pytest.raises(DocumentRefused) as refused:
        read_documents(chunk)

    assert chunk == Chunk(7, "# about b\nkind: [\n")
    assert refused.value.line in {8, 9}


@pytest.mark.parametrize("name", ["123", "yes", "1.5", "[a]"])
def test_a_name_that_a_cluster_reads_as_no_text_is_refused(name):
    """It reads 123 as a number, and ``yes`` as true, as we do."""
    (chunk,) = split(f"kind: Secret\napiVersion: v1\nmetadata: {{name: {name}}}\n")

    with pytest.raises(DocumentRefused, match=r"metadata\.name that is no text"):
        read_documents(chunk)


def test_a_name_by_a_merge_key_is_the_name():
    text = "x: &m {name: web}\nkind: Secret\napiVersion: v1\nmetadata: {<<: *m}\n"

    assert [one.name for one in documents(text)] == ["web"]
