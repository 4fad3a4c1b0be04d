"""``python -m releases.proof FILE [KEY]``: check a bundle where nothing is set up."""

import sys
from pathlib import Path

from releases.proof.checking import check
from releases.proof.reading import Refused


def main(arguments: list[str]) -> int:
    """Print what was checked; return 1 for a bundle that is refused."""
    path, *keys = arguments
    try:
        lines = check(Path(path).read_bytes(), key=keys[0] if keys else None)
    except (OSError, Refused) as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
