import threading

import pytest

from delivery.git.locks import LockNotHeld, RepositoryBusy, lock, require_lock, turn
from delivery.git.project import ProjectRepositories


def test_one_writer_waits_for_another(project: ProjectRepositories) -> None:
    inside = threading.Event()
    leave = threading.Event()
    order = []

    def first() -> None:
        with lock(project.main):
            inside.set()
            leave.wait(30)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(30)
    with pytest.raises(RepositoryBusy), lock(project.main, timeout_seconds=0.01):
        order.append("never")
    with lock(project.source):
        leave.set()
    with lock(project.main):
        order.append("second")
    thread.join()

    assert order == ["first", "second"]


def test_a_lock_belongs_to_its_thread_and_its_block(
    project: ProjectRepositories,
) -> None:
    refused = []

    def other() -> None:
        try:
            require_lock(project.main)
        except LockNotHeld as refusal:
            refused.append(refusal)

    with lock(project.main):
        require_lock(project.folder / "." / "main.git")
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="already"), lock(project.main):
            """Taking it twice would wait for oneself."""
        require_lock(project.main)

    assert len(refused) == 1
    with pytest.raises(LockNotHeld):
        require_lock(project.main)


def test_a_failing_block_frees_the_lock(project: ProjectRepositories) -> None:
    with pytest.raises(KeyError), lock(project.main):
        raise KeyError

    with lock(project.main, timeout_seconds=0):
        require_lock(project.main)


def test_a_turn_is_waited_for_and_gone_without(project: ProjectRepositories) -> None:
    with turn(project.main, timeout_seconds=0) as first:
        with turn(project.main, timeout_seconds=0.01) as second:
            pass
        with lock(project.main):
            """It is nothing that a writer waits for."""
    with turn(project.main, timeout_seconds=0) as third:
        pass

    assert (first, second, third) == (True, False, True)
