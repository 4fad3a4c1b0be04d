"""Children: started again when they die, ended in order, given up when hopeless."""

import os
import signal
import sys
import time

import pytest

from gitopshq.supervisor.children import Children, GaveUp, Spec

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
DIES = "import sys; print('no such thing'); sys.exit(3)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)"
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def children(tmp_path, said):
    mine = Children(environ=os.environ, logs=tmp_path, cwd=tmp_path, say=said.append)
    yield mine
    mine.stop()


def python(name, code, *, patience=5.0):
    return Spec(name, (sys.executable, "-c", code), patience=patience)


def until(done, children, *, forgiving=True):
    for _ in range(600):
        if done():
            return
        children.check(forgiving=forgiving)
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def test_a_child_that_was_killed_runs_again(children, said):
    children.start(python("web", SLEEPS))
    until(lambda: children.log("web").read_text().count("up") == 1, children)

    children._children[0].process.kill()
    until(lambda: children.log("web").read_text().count("up") == 2, children)

    assert said == [
        f"web ended by signal 9; starting it again (see {children.log('web')})"
    ]


def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(children, said):
    children.start(python("web", DIES))

    with pytest.raises(GaveUp) as gave_up:
        until(lambda: False, children)

    assert "web ended with exit code 3, 5 times in a row" in str(gave_up.value)
    assert str(gave_up.value).endswith("no such thing")
    assert len(said) == 4


def test_during_a_start_the_first_death_is_one_too_many(children):
    children.start(python("web", DIES))

    with pytest.raises(GaveUp, match="web ended with exit code 3"):
        until(lambda: False, children, forgiving=False)


def test_who_does_not_end_in_time_is_killed(children):
    children.start(python("web", STUBBORN, patience=0.2))
    until(lambda: "up" in children.log("web").read_text(), children)
    process = children._children[0].process

    children.stop()

    assert process.returncode == -signal.SIGKILL


def test_a_child_does_not_see_ctrl_c(children):
    children.start(python("web", SLEEPS))
    until(lambda: "up" in children.log("web").read_text(), children)
    process = children._children[0].process

    process.send_signal(signal.SIGINT)
    children.stop()

    assert process.returncode == -signal.SIGTERM
