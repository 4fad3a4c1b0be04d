"""The task of P12, which a worker takes in with ``--include tests.bench.tasks``."""

import socket
import time

from celery import shared_task

RUNG = "bench.rung"


@shared_task(name=RUNG, ignore_result=True)
def rung(path: str) -> None:
    """Say by a datagram to *path* when this began, on the clock of all processes."""
    at = time.monotonic_ns()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
        teller.sendto(str(at).encode(), path)
