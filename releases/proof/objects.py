"""Git objects by hand: that a commit holds a tree at a path, proved by SHA-1 alone."""

import hashlib
from base64 import b64decode
from typing import Any, Final

from releases.proof.reading import Refused

_FOLDER: Final = "40000"
_FILE: Final = "100644"
_ID_BYTES: Final = 20


class ObjectsInHand:
    """The objects a bundle brings along, by their ids."""

    def __init__(self, git: dict[str, Any]) -> None:
        self.commit = b64decode(git["commit"], validate=True)
        self.commit_id = _object_id("commit", self.commit)
        trees = [b64decode(text, validate=True) for text in git["trees"]]
        self._trees = {_object_id("tree", data): data for data in trees}
        record = b64decode(git["record"], validate=True)
        self._files = {_object_id("blob", record): record}

    def root(self) -> str:
        """Return the tree that the commit names.

        :raises Refused: when it names none
        """
        head, _, tree = self.commit.partition(b"\n")[0].partition(b" ")
        if head != b"tree":
            raise Refused("git: the commit names no tree")
        return tree.decode()

    def folder_at(self, path: str) -> str:
        """Return the tree id of a folder, read down from the commit.

        :raises Refused: when the way there is broken
        """
        at = self.root()
        for name in path.split("/"):
            at = self._entry(at, name, _FOLDER)
        return at

    def file_at(self, path: str) -> bytes:
        """Return the bytes of a file, read down from the commit.

        :raises Refused: when the way there is broken, or they are other bytes
        """
        folder, _, name = path.rpartition("/")
        found = self._files.get(self._entry(self.folder_at(folder), name, _FILE))
        if found is None:
            raise Refused(f"git: {path} is not what the commit holds")
        return found

    def _entry(self, tree: str, name: str, mode: str) -> str:
        data = self._trees.get(tree)
        if data is None:
            raise Refused(f"git: tree {tree} is not what the commit holds")
        found = _entries(data).get((name, mode))
        if found is None:
            raise Refused(f"git: the commit holds no {name} there")
        return found


def _object_id(kind: str, data: bytes) -> str:
    head = f"{kind} {len(data)}\0".encode()
    return hashlib.sha1(head + data, usedforsecurity=False).hexdigest()


def _entries(tree: bytes) -> dict[tuple[str, str], str]:
    """Return the ids of a tree's entries by name and mode."""
    found = {}
    while tree:
        head, _, rest = tree.partition(b"\0")
        mode, _, name = head.partition(b" ")
        found[name.decode(), mode.decode()] = rest[:_ID_BYTES].hex()
        tree = rest[_ID_BYTES:]
    return found
