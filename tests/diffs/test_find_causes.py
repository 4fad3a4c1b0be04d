"""Which change causes which line, over a renderer small enough to read."""

from hypothesis import given
from hypothesis import strategies as st

from delivery.diffs import diff_files, hunks_of
from delivery.diffs.cause_groups import Stretch, causes_in, stretches
from delivery.diffs.causes import Nobody, Role, Version, find_causes

CAUSE, ENOUGH, TOGETHER, NEEDED = Role
IDS = "abcd"


def searched(draw, needs, *, shown=None, broken=lambda chosen: False):
    """Return the causes of each line of one file, by sign and text.

    *draw* gives the lines that a selection renders to, or None for no file; *shown*
    the sides that are compared, where they were not rendered like this.
    """
    asked = []

    def text(lines):
        return {} if lines is None else {"f": "".join(f"{x}\n" for x in lines)}

    def render(many):
        for chosen in many:
            for one in chosen:
                assert {*needs[one]} <= chosen, "only closed selections are rendered"
        asked.extend(many)
        return [
            Version({}, frozenset({"f"})) if broken(one) else Version(text(draw(one)))
            for one in many
        ]

    before, after = shown or (draw(frozenset()), draw(frozenset(needs)))
    files = diff_files(text(before), text(after))
    found = find_causes(files, needs, render)
    assert len(asked) == len(set(asked)), "nothing is rendered twice"
    told = {}
    for line in (line for hunk in files[0].hunks for line in hunk.lines):
        if line.kind == "removed" and line.old_number is not None:
            sign, why = "-", found["f"][-line.old_number]
        elif line.kind == "added" and line.new_number is not None:
            sign, why = "+", found["f"][line.new_number]
        else:
            continue
        told[sign + line.text] = why.nobody or dict(why.causes)
    return told


def test_each_of_several_edits_of_a_file_is_named_where_it_shows():
    told = searched(
        lambda on: [
            f"replicas: {5 if 'a' in on else 3}",
            "same",
            *(["extra"] if "b" in on else []),
            *([] if "c" in on else ["gone"]),
        ],
        dict.fromkeys(IDS, ()),
    )

    assert told == {
        "-replicas: 3": {"a": CAUSE},
        "+replicas: 5": {"a": CAUSE},
        "+extra": {"b": CAUSE},
        "-gone": {"c": CAUSE},
    }


def test_files_that_come_and_go_are_caused_as_a_whole():
    needs = {"a": ()}
    for is_there in (True, False):
        told = searched(
            lambda on, it=is_there: ["x"] if ("a" in on) is it else None, needs
        )

        assert list(told.values()) == [{"a": CAUSE}]


def test_two_changes_of_one_line_are_both_its_causes():
    told = searched(
        lambda on: [f"image: {'new' if 'a' in on else 'old'}:{int('b' in on)}"],
        {"a": (), "b": ()},
    )

    assert told["+image: new:1"] == {"a": CAUSE, "b": CAUSE}
    assert told["-image: old:0"] == {"a": ENOUGH, "b": ENOUGH}


def test_of_changes_that_each_suffice_all_are_named():
    told = searched(
        lambda on: ["level: debug" if on & {"a", "b"} else "level: info"],
        dict.fromkeys(IDS, ()),
    )

    assert [*told.values()] == [{"a": ENOUGH, "b": ENOUGH}] * 2


def test_what_a_cause_needs_is_named_as_needed():
    """A value that names a new variable: neither shows without the other."""
    told = searched(
        lambda on: ["host: db" if {"a", "b"} <= on else "host: local"],
        {"a": (), "b": ("a",), "c": ()},
    )

    assert [*told.values()] == [{"b": CAUSE, "a": NEEDED}] * 2


def test_what_needs_a_change_does_not_take_its_lines():
    """An overlay on a new workload: the workload's lines are the workload's."""
    told = searched(
        lambda on: (
            ["kind: Deployment", *(["patched: yes"] if "b" in on else [])]
            if "a" in on
            else None
        ),
        {"a": (), "b": ("a",)},
    )

    assert told == {
        "+kind: Deployment": {"a": CAUSE},
        "+patched: yes": {"b": CAUSE, "a": NEEDED},
    }


def test_a_need_that_nobody_declared_is_found():
    """A chart's new version cannot be rendered without a value that is new, too."""
    told = searched(
        lambda on: [f"chart: {2 if 'a' in on else 1}"],
        {"a": (), "b": (), "c": ()},
        broken=lambda on: "a" in on and "b" not in on,
    )

    assert [*told.values()] == [{"a": CAUSE, "b": NEEDED}] * 2


def test_changes_that_need_each_other_are_causes_together():
    told = searched(
        lambda on: ["moved" if on else "stays"],
        {"a": ("b",), "b": ("a",)},
    )

    assert [*told.values()] == [{"a": CAUSE, "b": CAUSE}] * 2


def test_where_it_takes_several_the_fewest_are_named():
    told = searched(
        lambda on: ["on" if {"a", "b"} <= on or {"c", "d"} <= on else "off"],
        dict.fromkeys(IDS, ()),
    )

    assert [*told.values()] == [{"c": TOGETHER, "d": TOGETHER}] * 2


def test_lines_that_nobody_caused_are_flagged():
    by_itself = searched(
        lambda on: ["made by 2", f"replicas: {int('a' in on)}"],
        {"a": ()},
        shown=(["made by 1", "replicas: 0"], ["made by 2", "replicas: 1"]),
    )
    not_repeated = searched(
        lambda on: ["made by 2"],
        {"a": ()},
        shown=(["made by 2"], ["made by 1"]),
    )
    cannot_tell = searched(
        lambda on: ["new" if "a" in on else "old"],
        {"a": (), "b": ()},
        broken=lambda on: len(on) == 1 or not on,
        shown=(["old"], ["new"]),
    )

    assert by_itself["+made by 2"] == by_itself["-made by 1"] == Nobody.BY_ITSELF
    assert by_itself["+replicas: 1"] == {"a": CAUSE}
    assert not_repeated["+made by 1"] == Nobody.NOT_REPEATED
    assert [*cannot_tell.values()] == [Nobody.CANNOT_TELL] * 2


RULES = st.dictionaries(
    st.sampled_from(["x", "y", "z", "w"]),
    st.lists(st.frozensets(st.sampled_from(IDS), min_size=1), min_size=1, max_size=3),
    min_size=1,
)


@given(RULES, st.data())
def test_whatever_is_named_holds(rules, data):
    """Each line is on under some sets of changes: what is said of it is true."""
    needs = {
        one: data.draw(st.sets(st.sampled_from(IDS[:at]))) if at else ()
        for at, one in enumerate(IDS)
    }

    def is_on(name, chosen):
        return any(rule <= chosen for rule in rules[name])

    def draw(chosen):
        return [name for name in "wxyz" if name in rules and is_on(name, chosen)]

    everything = frozenset(IDS)
    without = {
        one: everything - {x for x in IDS if x == one or one in closure(x, needs)}
        for one in IDS
    }
    for line, why in searched(draw, needs).items():
        name = line[1:]
        assert not isinstance(why, Nobody)
        for change, role in why.items():
            alone = closure(change, needs) | {change}
            if role == CAUSE:
                assert not is_on(name, without[change])
            if role == ENOUGH:
                assert is_on(name, alone)
                assert not is_on(name, alone - {change})
        if TOGETHER in why.values():
            together = {one for one, role in why.items() if role == TOGETHER}
            assert is_on(name, together)


def closure(change, needs):
    found = set(needs[change])
    for one in needs[change]:
        found |= closure(one, needs)
    return found


def test_causes_are_told_by_hunk_and_survive_being_stored():
    (file,) = diff_files({"f": "1\n2\n3\nx\n"}, {"f": "9\n8\n3\n"})

    def draw(on):
        head = "9\n8\n" if "a" in on else "1\n2\n"
        return Version({"f": head + ("3\n" if "b" in on else "3\nx\n")})

    needs = {"a": (), "b": ()}
    found = find_causes([file], needs, lambda many: [draw(on) for on in many])
    kept = [Stretch.from_json(one.to_json()) for one in stretches(found["f"])]

    (hunk,) = hunks_of(file.before, file.after)
    first, second = causes_in(hunk.lines, kept)

    assert (first.change, first.removed, first.added) == ("a", ((1, 2),), ((1, 2),))
    assert (second.change, second.removed, second.added) == ("b", ((4, 4),), ())
    assert second.role == CAUSE
