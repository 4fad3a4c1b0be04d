"""Which variables stand behind the lines of resolved texts."""

from environments.desired.parts import Target, VariableState, WorkloadState
from environments.desired.resolving import resolved_files
from environments.desired.state import State
from environments.desired.text_store import TextStore
from environments.desired.tracing import trace

TEXT = """\
# {{hq.var.SIZE}}
note: |
  {{hq.var.NOTE}}
  end
size: {{hq.var.SIZE}}
image: "{{hq.var.repo.SIZE}}:{{hq.var.GONE}}"
token: {{hq.var.TOKEN}}
"""
PATH = "workloads/api/values.yaml"


def test_each_line_knows_its_variables_and_what_they_beat():
    """A value of several lines moves what follows; a pinned name sees one scope."""
    texts = TextStore()
    rows = [
        VariableState("repo", "SIZE", value="1"),
        VariableState("svc", "SIZE", service="api", value="2"),
        VariableState("repo", "NOTE", value="one\n\ntwo\n"),
        VariableState("env", "TOKEN", secret=True, fingerprint="f" * 64),
    ]
    layers = (("base", texts.add(TEXT)),)
    state = State(
        *("shop", "acme", "prod"),
        target=Target("shop"),
        workloads=(WorkloadState("api", "web", "1", "d" * 64, layers=layers),),
        variables=tuple(rows),
    )

    found = trace(state, texts, [PATH])[PATH]

    lines = resolved_files(state, texts)[PATH].split("\n")
    told = {
        lines[line - 1].strip(): [
            (one.key, [row.scope for row in one.rows]) for one in behind
        ]
        for line, behind in found.items()
    }
    assert told == {
        "one": [("NOTE", ["repo"])],
        "two": [("NOTE", ["repo"])],
        "size: 2": [("SIZE", ["svc", "repo"])],
        'image: "1:<unresolved GONE>"': [("SIZE", ["repo"]), ("GONE", [])],
        f"token: <secret {'f' * 8}>": [("TOKEN", ["env"])],
    }
    assert trace(state, texts, []) == {}
