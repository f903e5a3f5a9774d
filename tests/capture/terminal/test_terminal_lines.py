"""One line for each command: what a shell writes is read back as it was, and nothing in the file can break the reading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.terminal.lines import LONGEST, Activity, format_activity, parse_activity, parse_lines

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300).filter(str.strip)
ACTIVITIES = st.builds(
    Activity,
    began=st.integers(0, 10**11),
    took=st.integers(0, 10**9).map(lambda ms: ms / 1000),
    code=st.integers(0, 255),
    folder=TEXTS.map(lambda t: "/" + t),
    command=TEXTS,
    cut=st.booleans(),
).filter(lambda a: len(format_activity(a)) <= LONGEST)


@given(ACTIVITIES)
def test_an_activity_reads_back_as_it_was_written(a: Activity) -> None:
    """Tabs, line breaks, backslashes, `\\+` at the end of a command, and every control character survive."""
    line = format_activity(a)

    assert "\n" not in line
    assert parse_activity(line) == a


@given(st.lists(ACTIVITIES, max_size=5), st.binary(max_size=200))
def test_whatever_stands_in_the_file_the_whole_lines_are_read(activities: list[Activity], noise: bytes) -> None:
    """A damaged line costs itself and one problem, never its neighbours."""
    good = [format_activity(a) for a in activities]
    data = "".join(f"{line}\n" for line in good).encode() + noise.replace(b"v1", b"v2")

    found, problems = parse_lines(data, "terminal")

    assert found == list(dict.fromkeys(activities))
    assert len(problems) == any(noise.split(b"\n"))


def test_what_no_shell_of_ours_wrote_is_damage() -> None:
    """Too few columns, another version, numbers that are none, a relative folder, an empty command."""
    for line in (
        "v1\t1\t2\t0\t/a", "v2\t1\t2\t0\t/a\tls", "v1\t-1\t2\t0\t/a\tls", "v1\t1\t2\t0x1\t/a\tls", "v1\t1\t2\t0\ta\tls",
        "v1\t1\t2\t0\t/a\t ", "v1\t1\t2\t0\t/a\t" + "x" * LONGEST, "v1\t1\t2\t0\t/a\tls\tx",
    ):  # fmt: skip
        assert parse_activity(line) is None, line
