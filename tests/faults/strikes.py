"""What is done to an installation at work: each takes something away, or doubles it."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import redis
from celery import Celery

from tests.faults.installation import Installation
from tests.faults.victims import Victims

HOLD = 3.0
"""Seconds that what is held stays so; a stopped worker: until its lease is over."""
A_DAY = 86400.0

Strike = Callable[["Striker"], bool]


class Striker:
    """Strikes one installation, drawing whom and when by *chance*."""

    def __init__(self, ground: Installation, chance: random.Random) -> None:
        self.ground = ground
        self.chance = chance
        self.victims = Victims(ground)

    def kill(self, kind: str) -> bool:
        """Kill one process of a kind; False where there is none to spare."""
        victim = self.victims.one_of(kind, self.chance)
        if victim is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            return True
        return False

    def stop_a_worker(self) -> bool:
        """Let a worker stand still until others have its jobs, then let it go on."""
        victim = self.victims.one_of("worker", self.chance)
        if victim is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGSTOP)
            time.sleep((self.ground.lease or 60.0) + HOLD)
            os.kill(victim.pid, signal.SIGCONT)
            return True
        return False

    def pull_the_plug(self) -> bool:
        """Kill everything at once."""
        self.ground.pull_the_plug()
        return True

    def flush_the_broker(self) -> bool:
        """Take every message that waits."""
        with suppress(redis.ConnectionError):
            redis.Redis.from_url(self.ground.broker).flushall()
            return True
        return False

    def ring_again(self) -> bool:
        """Deliver the message of each job several times over."""
        app = Celery(broker=self.ground.broker)
        app.conf.broker_transport_options = {"socket_timeout": 5}
        with app.connection_for_write() as connection:
            for attempt in range(1, 40):
                for _ in range(3):
                    app.send_task(
                        "releases.run_deployment",
                        kwargs={"attempt_id": attempt},
                        connection=connection,
                    )
        return True

    def set_the_clock(self) -> bool:
        """Let the time jump, back or forth, and come right again."""
        self.ground.set_clock(self.chance.choice([-A_DAY, -3600.0, 3600.0, A_DAY]))
        time.sleep(HOLD)
        self.ground.set_clock(0)
        return True


KILLS = ("web", "worker", "worker", "chores", "beat", "broker", "renderer")
"""What is killed; workers twice as often, for they hold the jobs."""
