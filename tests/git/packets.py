"""Reading and writing Git's pkt-lines, for requests no git client would send."""

from collections.abc import Iterator

FLUSH = b"0000"


def packet(line: str) -> bytes:
    return f"{len(line) + 4:04x}{line}".encode()


def parse(answer: bytes) -> Iterator[bytes | None]:
    """Yield the lines of an answer, None for a flush or delimiter."""
    at = 0
    while at < len(answer):
        length = int(answer[at : at + 4], 16)
        if length <= 4:
            yield None
            at += 4
        else:
            yield answer[at + 4 : at + length]
            at += length


def pack_in(answer: bytes) -> bytes:
    """Return the pack that side band 1 carries."""
    return b"".join(
        line[1:] for line in parse(answer) if line is not None and line[:1] == b"\x01"
    )


def lines_in(answer: bytes) -> list[str]:
    """Return the lines that are on no side band."""
    return [
        line.decode().strip()
        for line in parse(answer)
        if line is not None and line[0] > 3
    ]
