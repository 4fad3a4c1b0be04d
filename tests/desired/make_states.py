"""States and texts for tests, by hand and by hypothesis."""

import os
from dataclasses import dataclass

from hypothesis import strategies as st

from environments.desired.state import (
    LAYERS,
    ApprovalRequirements,
    ManifestState,
    OverlayState,
    PolicyState,
    State,
    Target,
    VariableState,
    WorkloadState,
)
from environments.desired.text_store import TextStore

SCALE = float(os.environ.get("HQ_TEST_SCALE", "1"))
PLACE = ("shop", "acme", "production")
TARGET = Target("shop", "1.31.0", ("batch/v1",))
FINGERPRINT = "a1b2c3d4" + "0" * 56
OTHER_FINGERPRINT = "d4e5f6a7" + "0" * 56
CHART = ("web", "1.2.0", "ab" * 32)


class Desired:
    """A state being put together, its texts kept in one store."""

    def __init__(self, texts=None):
        self.texts = TextStore() if texts is None else texts

    def workload(self, name="api-gateway", *, chart=CHART, **more):
        layers = {layer: more.pop(layer) for layer in LAYERS if layer in more}
        held = tuple((layer, self.texts.add(text)) for layer, text in layers.items())
        return WorkloadState(name, *chart, layers=held, **more)

    def overlay(self, name="labels", files=None, workload=None):
        return OverlayState(name, workload, self.files(files or {}))

    def manifests(self, name="flags", files=None):
        return ManifestState(name, self.files(files or {}))

    def files(self, files):
        return tuple((path, self.texts.add(text)) for path, text in files.items())

    def state(self, **parts):
        return State(*PLACE, **{"target": TARGET, "policy": PolicyState(), **parts})


def variable(key, value, scope="env", service=None):
    return VariableState(scope, key, service, value)


def secret(key, fingerprint=FINGERPRINT, scope="env", service=None):
    return VariableState(scope, key, service, None, True, fingerprint)


def closed(changes, chosen):
    """Return the chosen ids and all they need, directly or not."""
    needs = {change.id: change.depends_on for change in changes}
    todo, done = list(chosen), set()
    while todo:
        change = todo.pop()
        if change not in done:
            done.add(change)
            todo += needs[change]
    return done


# Generated: small pools, so that two independent states often agree.

KEYS = ("FIRST", "SECOND", "THIRD")
SERVICES = ("api", "worker")
NAMES = ("api", "worker", "labels", "flags")

placeholders = st.builds(
    lambda scope, key: "{{hq.var." + scope + key + "}}",
    st.sampled_from(("", "", "", "env.", "repo.", "tenant.", "svc.")),
    st.sampled_from(KEYS),
)
scalars = st.one_of(
    st.sampled_from(
        ("1", "2", "yes", '"1"', "'x'", "null", "", "[1, 2]", "{}", "{a: 1}")
    ),
    placeholders,
)
comments = st.sampled_from(("", "", "", "# above\n", "\n", "# one\n\n# two\n"))
value_keys = st.sampled_from(("a", "b", "replicas", "tag", "repository", "image"))


@st.composite
def maps(draw, depth=0):
    lines = []
    indent = " " * draw(st.sampled_from((2, 2, 4))) if depth else ""
    for key in draw(
        st.lists(value_keys, unique=True, min_size=depth and 1, max_size=3)
    ):
        above = draw(comments)
        lines += [line.strip() and indent + line for line in above.splitlines()]
        behind = draw(st.sampled_from(("", "", "  # behind")))
        if depth < 2 and draw(st.booleans()):
            lines.append(f"{indent}{key}:{behind}")
            inner = draw(maps(depth + 1))
            lines += [line and indent + line for line in inner.splitlines()]
        else:
            lines.append(f"{indent}{key}: {draw(scalars)}{behind}".rstrip())
    return "\n".join(lines) + "\n" if lines else ""


values_texts = st.one_of(
    maps(),
    st.sampled_from(
        (
            "",
            "a: &anchor 1\nb: *anchor\n",
            "{a: 1}\n",
            "# only a comment\n",
            "text: |\n  one {{hq.var.FIRST}}\n  two\nb: 1\n",
            "image: nginx:1.2\n",
            "image: {repository: nginx, tag: v1}\n",
        )
    ),
)

FILES = ("kustomization.yaml", "one.yaml", "two.yaml", "base/kustomization.yaml")


@st.composite
def overlay_files(draw):
    paths = draw(st.lists(st.sampled_from(FILES), unique=True))
    named = [path for path in (*FILES[1:3], "base") if draw(st.booleans())]
    texts = {}
    for path in paths:
        if path == FILES[0]:
            texts[path] = "resources:\n" + "".join(f"- {name}\n" for name in named)
        else:
            texts[path] = f"kind: Thing\nvalue: {draw(scalars)}\n"
    return texts


@st.composite
def variables(draw):
    service_of = {"svc": st.sampled_from(SERVICES)}
    rows = {}
    for _ in range(draw(st.integers(0, 6))):
        scope = draw(st.sampled_from(("repo", "env", "tenant", "svc")))
        service = draw(service_of[scope]) if scope == "svc" else None
        key = draw(st.sampled_from(KEYS))
        if draw(st.integers(0, 3)):
            row = variable(key, draw(st.sampled_from("abc")), scope, service)
        else:
            row = secret(key, draw(st.sampled_from("12")) * 64, scope, service)
        rows[row.place] = row
    return tuple(rows.values())


policies = st.builds(
    PolicyState,
    st.builds(
        ApprovalRequirements,
        required_approvals=st.integers(0, 2),
        auto_approve=st.booleans(),
        approval_expiry_hours=st.none() | st.integers(1, 2),
    ),
    st.sampled_from(("manual", "auto")),
)
targets = st.builds(Target, st.sampled_from(("shop", "jobs")), st.just("1.31.0"))


@st.composite
def states(draw, texts, *, values=values_texts):
    desired = Desired(texts)
    kinds = {
        name: draw(
            st.sampled_from(("", "workload", "workload", "overlay", "manifests"))
        )
        for name in NAMES
    }
    workloads, overlays, manifests = [], [], []
    homes = [name for name, kind in kinds.items() if kind == "workload"]
    for name, kind in kinds.items():
        if kind == "workload":
            layers = {layer: draw(values) for layer in LAYERS if draw(st.booleans())}
            workloads.append(
                desired.workload(
                    name,
                    chart=("web", draw(st.sampled_from(("1", "2"))), "ab" * 32),
                    namespace=draw(st.sampled_from((None, None, "jobs"))),
                    allow_nondeterministic=draw(st.integers(0, 5)) == 0,
                    **layers,
                )
            )
        elif kind == "overlay":
            home = draw(st.sampled_from((None, *homes)))
            overlays.append(desired.overlay(name, draw(overlay_files()), home))
        elif kind == "manifests":
            manifests.append(desired.manifests(name, draw(overlay_files())))
    return desired.state(
        target=draw(targets),
        workloads=tuple(workloads),
        overlays=tuple(overlays),
        manifests=tuple(manifests),
        variables=draw(variables()),
        policy=draw(policies),
    )


@dataclass
class Pair:
    """Two states of one target and the texts of both."""

    a: State
    b: State
    texts: TextStore


@st.composite
def pairs(draw):
    texts = TextStore()
    a = State.empty(*PLACE) if draw(st.integers(0, 7)) == 0 else draw(states(texts))
    return Pair(a, draw(states(texts)), texts)
