"""What is noise in a diff, what only spaces are, and which keys a line stands under."""

import pytest

from delivery.diffs import (
    Noise,
    diff_files,
    noise_in,
    overlooking_spaces,
    path_of,
    split_lines,
    steps_to,
)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
    helm.sh/chart: web-1.0.0
    "app.kubernetes.io/version": "1"
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/version: "1"
  strategy: {}
  template:
    metadata:
      annotations:
        checksum/config: aaa
        owner: shop
      labels:
        app: web
    spec:
      containers:
      - name: web
        env:
          - {name: A, value: a}
          - value: b
            name: B
        image: web:1
      - args:
          - one
          - two
---
data:
  notes: |
    metadata:
      labels:
        helm.sh/chart: web-1.0.0
"""


def classes(*swaps):
    after = DEPLOYMENT
    for line, text in swaps:
        lines = after.split("\n")
        lines[line - 1] = text
        after = "\n".join(lines)
    (file,) = diff_files({"f.yaml": DEPLOYMENT}, {"f.yaml": after})
    return noise_in(file)


@pytest.mark.parametrize(
    ("swaps", "found"),
    [
        ([(7, "    helm.sh/chart: web-1.1.0")], [Noise.LABELS]),
        ([(8, '    "app.kubernetes.io/version": "2"')], [Noise.LABELS]),
        ([(18, "        checksum/config: bbb")], [Noise.CHECKSUMS]),
        ([(7, "    helm.sh/chart: 2"), (10, "  replicas: 2")], [None]),
        (
            [(7, "    helm.sh/chart: 2"), (19, "        owner: me")],
            [Noise.LABELS, None],
        ),
        # A selector that changes is refused by the cluster; text may be anything.
        ([(13, '      app.kubernetes.io/version: "2"')], [None]),
        ([(36, "        helm.sh/chart: web-1.1.0")], [None]),
        # The label moves to another key, or its value goes on below.
        ([(7, "    helm.sh/chart:")], [None]),
        (
            [(18, "        checksum/config: b"), (21, "        helm.sh/chart: a")],
            [None],
        ),
    ],
)
def test_only_managed_labels_and_checksums_are_noise(swaps, found):
    assert classes(*swaps) == found


def test_labels_and_checksums_side_by_side_are_both():
    text = "metadata:\n  labels:\n    helm.sh/chart: {}\n  annotations:\n    {}"
    texts = [text.format(at, f"checksum/{at}: {at}\n") for at in (1, 2)]
    (file,) = diff_files({"f.yaml": texts[0]}, {"f.yaml": texts[1]})
    (added,) = diff_files({}, {"f.yaml": texts[0]})

    assert noise_in(file) == [Noise.BOTH]
    assert noise_in(added) == [None]


def test_spaces_are_overlooked_and_counted():
    before = "a: 1\nb:   2\n\tc\nd: 4\n"
    after = "a:  1\nb: 2 \n c\nd: 5\n"
    (file,) = diff_files({"f": before}, {"f": after})
    (new,) = diff_files({}, {"f": after})

    shown, overlooked = overlooking_spaces(file)

    assert (shown.added, shown.removed, overlooked) == (1, 1, 6)
    assert [line.text for line in shown.hunks[0].lines] == [
        *("a:  1", "b: 2 ", " c"),
        *("d: 4", "d: 5"),
    ]
    assert overlooking_spaces(new) == (new, 0)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (1, ""),
        (4, "metadata"),
        (13, "spec.selector.matchLabels"),
        (17, "spec.template.metadata"),
        (25, "spec.template.spec.containers[web]"),
        (26, "spec.template.spec.containers[web].env"),
        (28, "spec.template.spec.containers[web].env[B]"),
        (29, "spec.template.spec.containers[web]"),
        (32, "spec.template.spec.containers[1].args"),
    ],
)
def test_a_line_tells_what_it_stands_under(line, path):
    found = steps_to(split_lines(DEPLOYMENT), {line - 1})

    assert path_of(found[line - 1]) == path
