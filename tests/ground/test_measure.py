"""The bench harness: takes turns, compares, and keeps its figures."""

import json

import pytest

from tests.bench import harness


@pytest.fixture
def clock(monkeypatch):
    """Time that only passes when work says so."""
    now = [0.0]
    monkeypatch.setattr("tests.bench.harness.time.perf_counter", lambda: now[0])

    def spend(seconds):
        now[0] += seconds

    return spend


def harness_work(work):
    raise AssertionError("the table measures nothing")


def outcome(name, ratio):
    return harness.Outcome(name, ratio, 1.0, ratio, 0.5, 5)


def test_both_take_turns_and_the_warm_up_does_not_count(tmp_path, clock):
    done: list[object] = []

    def prepare(work):
        def ours():
            done.append("ours")
            clock(100 if len(done) == 1 else 1)

        def theirs():
            done.append("theirs")
            clock(4)

        work.stack.callback(done.append, "undone")
        return harness.Pair(ours, theirs, before_each=done.append)

    one = harness.Benchmark("P0", prepare, goal=0.3, theirs="them", runs=3)
    found = harness.measure(one, tmp_path)

    assert found == harness.Outcome("P0", 1.0, 4.0, 0.25, 0.3, 3)
    assert found.reached
    assert done == [
        *(0, "ours", "theirs", 1, "theirs", "ours"),
        *(2, "ours", "theirs", 3, "theirs", "ours", "undone"),
    ]


def test_figures_of_other_benchmarks_are_kept(tmp_path):
    path = tmp_path / "var" / "bench.json"

    harness.save([outcome("P1", 0.4), outcome("P2", 0.1)], path)
    harness.save([outcome("P2", 0.2)], path)

    rows = json.loads(path.read_text())
    assert [(row["name"], row["ratio"]) for row in rows] == [("P1", 0.4), ("P2", 0.2)]
    figures = {"name", "ours", "theirs", "unit", "ratio", "goal", "runs", "note"}
    assert set(rows[0]) == {*figures, "at_least"}


def test_the_table_says_what_was_missed():
    one = harness.Benchmark("P1", harness_work, goal=0.5, theirs="them", runs=5)

    lines = harness.table([(one, outcome("P1", 0.4)), (one, outcome("P1", 0.6))])

    assert [line.split()[-1] for line in lines.splitlines()] == [
        "goal",
        "reached",
        "MISSED",
    ]


def test_a_work_may_measure_itself_and_leave_a_note(tmp_path, clock):
    def painted():
        clock(100)
        return 0.5

    pair = harness.Pair(painted, lambda: 1.0, note="8 queries")
    one = harness.Benchmark("P0", lambda work: pair, goal=1, theirs="1 s", runs=3)
    found = harness.measure(one, tmp_path)

    assert (found.ours, found.theirs, found.ratio) == (0.5, 1.0, 0.5)
    assert harness.table([(one, found)]).splitlines()[-1] == "P0: 8 queries"


@pytest.mark.parametrize(("ours", "word"), [(3.0, "reached"), (1.0, "MISSED")])
def test_where_more_is_better_the_goal_is_the_least(tmp_path, ours, word):
    pair = harness.Pair(lambda: ours, lambda: 4.0, unit="/s")
    one = harness.Benchmark(
        "P0", lambda work: pair, goal=0.5, theirs="1 writer", runs=3, at_least=True
    )

    found = harness.measure(one, tmp_path)

    assert harness.table([(one, found)]).splitlines()[1].split()[-3:] == [
        *("≥", "0.5", word)
    ]
