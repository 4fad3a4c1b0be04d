"""A note of the pack that is being published, so that a crash leaves nothing behind.

Git hands out any object it holds to whoever knows its id. Objects copied into a served
repository for a commit that never reached its branch must therefore go away again.
"""

import json
import os
from pathlib import Path

_NAME = "gitopshq-publishing.json"


def begin(repository: Path, *, pack: str, ref: str, commit: str) -> None:
    """Note, durably, that `pack` is there only for `commit` to become `ref`'s tip."""
    note = json.dumps({"pack": pack, "ref": ref, "commit": commit})
    draft = repository / f"{_NAME}.lock"
    with draft.open("w") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(repository / _NAME)
    fsync_folder(repository)


def settle(repository: Path) -> None:
    """Keep the noted pack if its commit is the tip, remove it otherwise.

    Called under the writers' lock: no other commit can have followed on the branch
    while the note stands, so the tip alone decides.
    """
    note_file = repository / _NAME
    try:
        note = json.loads(note_file.read_text())
    except FileNotFoundError:
        return
    if (repository / note["ref"]).read_text().strip() != note["commit"]:
        pack = repository / "objects" / "pack" / note["pack"]
        # The index goes first: a pack without one is not seen by any reader.
        pack.with_suffix(".idx").unlink(missing_ok=True)
        pack.with_suffix(".pack").unlink(missing_ok=True)
        fsync_folder(pack.parent)
    note_file.unlink()


def fsync_folder(folder: Path) -> None:
    """Make renames and removals in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
