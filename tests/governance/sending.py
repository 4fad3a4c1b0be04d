"""Sending a release off, what its worker meets, and the ways out of a failure."""

from datetime import timedelta

from django.utils import timezone

from releases import actions, deployment, jobs, reaping
from releases.models import DeployAttempt
from tests.governance.wishes import Wish
from tests.governance.world import World


class Sending(World):
    """Deploys, in one go or step by step, by people or by the system."""

    def deploy(self, index: int, who: str) -> None:
        self.deploy_it(self.wish_of(index, "approved"), who)

    def deploy_it(self, wish: Wish, who: str) -> None:
        self.press_for(wish, who)
        if wish.state == "deploying":
            self.work_on(wish)

    def press(self, index: int, who: str) -> None:
        """Press deploy while the workers are busy elsewhere."""
        self.press_for(self.wish_of(index, "approved"), who)

    def press_for(self, wish: Wish, who: str) -> None:
        expected = self.model.refusal_to_send(wish, who, timezone.now())
        code, _ = self.answer(
            actions.deploy_release,
            self.release_of(wish),
            actor=self.people[who],
            later=True,
        )
        assert code == expected
        if code is None:
            wish.state, wish.pressed_by = "deploying", who

    def retry(self, index: int, who: str) -> None:
        wish = self.wish_of(index, "failed")
        expected = self.model.refusal_to_retry(wish, who, timezone.now())
        code, _ = self.answer(
            actions.retry_release,
            self.release_of(wish),
            actor=self.people[who],
            later=True,
        )
        assert code == expected
        if code is None:
            self.model.claim_again(wish)
            wish.state, wish.pressed_by = "deploying", who

    def work(self, index: int) -> None:
        """Let a worker take a job that waits."""
        wish = self.wish_of(index, "deploying")
        if wish.state == "deploying":
            self.work_on(wish)

    def work_on(self, wish: Wish) -> None:
        self.do(deployment.run, attempt_id=self.attempt_of(wish).pk)
        self.end(wish)

    def end(self, wish: Wish) -> None:
        refusal = self.model.refusal_to_commit(wish, timezone.now())
        if refusal is None:
            self.model.deploy(wish)
        else:
            wish.state, wish.failure = "failed", refusal

    def lose_workers(self, index: int) -> None:
        """Let every worker die that takes the job, until nobody tries any more."""
        wish = self.wish_of(index, "deploying")
        if wish.state != "deploying":
            return
        attempt = self.attempt_of(wish)
        for _ in range(jobs.MAX_RUNS):
            assert jobs.claim(attempt.pk)
            self.traveller.shift(jobs.LEASE + timedelta(seconds=1))
        self.do(reaping.jobs_to_ring)
        wish.state, wish.failure = "failed", "internal_error"

    def attempt_of(self, wish: Wish) -> DeployAttempt:
        return self.release_of(wish).attempts.latest("number")

    def try_by_itself(self, wish: Wish) -> None:
        """Follow the system where it deploys what was approved."""
        refusal = self.model.refusal_to_send(wish, None, timezone.now())
        if refusal is None and self.model.deploys_itself(wish):
            wish.pressed_by = None
            self.end(wish)
