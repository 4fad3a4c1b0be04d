"""What was rendered and not let through: no request of any protocol tells of it.

Requests are written by hand: clients ask for less than the protocol lets them.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.git import refs
from delivery.git.locks import lock
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from delivery.git.trees import find
from delivery.git.upload_pack import UploadPack
from tests.git import make
from tests.git.packets import FLUSH, packet, parse

REQUEST = "application/x-git-upload-pack-request"
DELIMITER = b"0001"
READERS = [False, True]
OLD_PROTOCOLS = ["", "version=1"]
NEW_PROTOCOL = "version=2"


@dataclass(frozen=True)
class Hidden:
    """Commit, tree and content of one rendering; ``tip`` is what everybody sees."""

    tip: str
    commit: str
    tree: str
    blob: str

    @property
    def ids(self) -> tuple[str, ...]:
        return self.commit, self.tree, self.blob


@pytest.fixture
def hidden(
    project: ProjectRepositories, main: Repository, renderings: Repository
) -> Hidden:
    tip = make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})
    path = "acme/production/api/secret.yaml"
    with lock(project.renderings):
        commit = make.commit_edits(
            renderings, refs.tip(renderings, "main"), {path: b"unapproved: true\n"}
        )
    tree = renderings.tree_of(commit)
    return Hidden(tip, commit, tree, find(renderings, tree, path)[1])


def ask(
    project: ProjectRepositories, body: bytes, *, with_source: bool, protocol: str
) -> bytes:
    environ = {
        "CONTENT_TYPE": REQUEST,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    repository = project.served(with_source=with_source)
    answer = UploadPack().serve(repository, environ, protocol=protocol)
    return b"".join(answer.body)


def command(name: str, *lines: str) -> bytes:
    """Write a request of protocol 2."""
    said = b"".join(packet(f"{line}\n") for line in lines)
    return packet(f"command={name}\n") + DELIMITER + said + FLUSH


@pytest.mark.parametrize("with_source", READERS)
@pytest.mark.parametrize("protocol", OLD_PROTOCOLS)
@pytest.mark.parametrize(
    "more", ["", "shallow deepen 1", "filter filter blob:none", "thin-pack"]
)
def test_no_want_of_an_older_protocol_reaches_it(
    project: ProjectRepositories,
    hidden: Hidden,
    more: str,
    protocol: str,
    *,
    with_source: bool,
) -> None:
    """Nor beside a commit that everybody may have, first or last."""
    capability, _, line = more.partition(" ")
    rest = (packet(f"{line}\n") if line else b"") + FLUSH + packet("done\n")
    for wanted in hidden.ids:
        first = packet(f"want {wanted} side-band-64k {capability}\n")
        second = packet(f"want {hidden.tip} side-band-64k {capability}\n")
        for asked in (first, second + packet(f"want {wanted}\n")):
            said = ask(
                project, asked + rest, with_source=with_source, protocol=protocol
            )
            assert b"PACK" not in said
            assert b"not our ref" in said


@pytest.mark.parametrize("with_source", READERS)
@pytest.mark.parametrize(
    "more",
    [
        (),
        ("filter blob:none",),
        ("filter tree:0",),
        ("deepen 1",),
        ("deepen-since 1",),
        ("thin-pack", "ofs-delta"),
    ],
)
def test_no_want_of_protocol_2_reaches_it(
    project: ProjectRepositories,
    hidden: Hidden,
    more: tuple[str, ...],
    *,
    with_source: bool,
) -> None:
    for wanted in hidden.ids:
        body = command("fetch", *more, f"want {wanted}", "done")
        said = ask(project, body, with_source=with_source, protocol=NEW_PROTOCOL)
        assert b"PACK" not in said
        assert b"not our ref" in said


@pytest.mark.parametrize("with_source", READERS)
def test_commands_beside_fetch_tell_nothing_of_it(
    project: ProjectRepositories, hidden: Hidden, *, with_source: bool
) -> None:
    """Refs by name, sizes by id, bundles: not served, or nothing of it in them."""
    ids = [f"oid {one}" for one in hidden.ids]
    requests = [
        command("fetch", f"want-ref {hidden.commit}", "done"),
        command("fetch", "want-ref refs/heads/renderings", "done"),
        command("fetch", f"want-ref refs/heads/../../renderings.git/{'0' * 40}"),
        command("object-info", "size", *ids),
        command("bundle-uri"),
        command("ls-refs", "symrefs", "peel", "unborn", "ref-prefix refs/"),
        command("ls-refs", "ref-prefix "),
        command("archive", f"argument {hidden.commit}"),
    ]

    for body in requests:
        said = ask(project, body, with_source=with_source, protocol=NEW_PROTOCOL)
        assert b"PACK" not in said
        for one in hidden.ids:
            # What was asked may be repeated, and nothing said of it: older gits answer
            # for sizes, and give none for what is not there.
            told = [line for line in parse(said) if line and one.encode() in line]
            assert all(
                line == f"{one} ".encode() or line[:4] == b"ERR " for line in told
            )


@pytest.mark.parametrize("with_source", READERS)
@pytest.mark.parametrize("protocol", ["", NEW_PROTOCOL])
def test_saying_that_one_has_it_is_not_confirmed(
    project: ProjectRepositories, hidden: Hidden, protocol: str, *, with_source: bool
) -> None:
    """An ACK would tell whoever guesses an id that there is such an object."""
    haves = [f"have {one}" for one in hidden.ids]
    if protocol:
        body = command("fetch", f"want {hidden.tip}", *haves)
    else:
        want = packet(f"want {hidden.tip} multi_ack_detailed side-band-64k\n") + FLUSH
        body = want + b"".join(packet(f"{have}\n") for have in haves) + FLUSH

    said = ask(project, body, with_source=with_source, protocol=protocol)

    assert b"NAK" in said
    assert b"ACK" not in said.replace(b"NAK", b"")


def borrowed(repository: Path) -> set[Path]:
    """Return the object folders a repository reads from, its own among them."""
    found: set[Path] = set()
    open_ = [repository / "objects"]
    while open_:
        folder = open_.pop().resolve()
        if folder in found:
            continue
        found.add(folder)
        listed = folder / "info" / "alternates"
        if listed.exists():
            open_ += [folder / line for line in listed.read_text().splitlines()]
    return found


def test_what_is_served_borrows_nothing_from_renderings(
    project: ProjectRepositories,
) -> None:
    of_renderings = (project.renderings / "objects").resolve()

    assert of_renderings not in borrowed(project.main)
    assert of_renderings not in borrowed(project.source)
    assert of_renderings in borrowed(project.renderings)
