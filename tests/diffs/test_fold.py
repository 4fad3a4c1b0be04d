"""The unchanged lines a diff leaves out: where they are, and their texts."""

from hypothesis import given
from hypothesis import strategies as st

from delivery.diffs import diff_files, gaps_of, lines_of

TEXTS = st.lists(st.sampled_from(["a", "b", "", "x: 1"]), max_size=40).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(TEXTS, TEXTS)
def test_hunks_and_gaps_together_are_the_whole_of_both_texts(old, new):
    """S46: nothing is lost between what is shown and what is folded."""
    for file in diff_files({"f": old}, {"f": new}):
        gaps = gaps_of(file)
        parts = [lines_of(file, gaps[0], 0, gaps[0].size)]
        for hunk, gap in zip(file.hunks, gaps[1:], strict=True):
            parts += [hunk.lines, lines_of(file, gap, 0, gap.size)]
        lines = [line for part in parts for line in part]

        for text, side in ((old, "old_number"), (new, "new_number")):
            held = [line for line in lines if getattr(line, side) is not None]
            assert "".join(f"{line.text}\n" for line in held) == text
            numbers = [getattr(line, side) for line in held]
            assert numbers == list(range(1, len(held) + 1))


def test_a_file_that_came_or_went_has_no_gaps():
    came, went = diff_files({"b": "x\n"}, {"a": "x\n"})

    assert gaps_of(came) == gaps_of(went) == []


def test_part_of_a_gap_is_counted_from_its_start():
    before = "".join(f"line {at}\n" for at in range(1, 31))
    (file,) = diff_files({"f": before}, {"f": f"{before}new\n"})
    gap = gaps_of(file)[0]

    lines = lines_of(file, gap, gap.size - 2, gap.size)

    assert [(line.new_number, line.text) for line in lines] == [
        (26, "line 26"),
        (27, "line 27"),
    ]
