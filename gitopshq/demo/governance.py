"""The rules at work: going back, votes that no longer count, a freeze and its way out.

R-11 to R-17, after the working day of ``story``, each in a place of its own. Releases
are made together where they can be, so that workers render them side by side.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from environments import actions as edits
from environments.actions import WindowTerms
from environments.models import FreezeWindow
from gitopshq.demo import journey
from gitopshq.demo.desired import Desired
from gitopshq.demo.people import Cast, grant_production
from releases import actions
from releases.actions import Content
from releases.locking import fresh
from releases.models import Release, RollbackScope, Status
from releases.pending import pool_of
from releases.rollbacks import Reversal

SEARCH_CACHE: Final = Content(
    "Keep search results for an hour",
    "The catalogue in development is slow; nobody there minds old results.",
    ticket="SHOP-126",
)
REPORTS: Final = Content(
    "Count the stock every hour, with a larger cache",
    "**Why:** the warehouse of Acme wants to see the day's orders.\n\n"
    "**Risk:** more load on the database of staging.\n\n"
    "**How to check afterwards:** the job ends within five minutes.",
    ticket="SHOP-127",
)
GROWTH: Final = Content(
    "Room for the visitors of Friday's newsletter",
    "**Why:** last time all 12 pods were busy for ten minutes.\n\n"
    "**Risk:** the cluster grows by two nodes for an hour.",
    ticket="SHOP-128",
)
UNDO: Final = Content(
    "Everything back: the search showed prices of an hour ago",
    "**Why:** testers ordered at prices that were no longer true.\n\n"
    "**How to check afterwards:** change a price, and search for it.",
)
UNDO_REPORTS: Final = Content(
    "Reports alone back to every four hours",
    "**Why:** the job takes 20 minutes and slows the shop down.\n\n"
    "**Risk:** none; the larger cache stays, only the service `reports` goes back.",
)
MAILS: Final = Content(
    "Mails twice as fast, edited by dave",
    "**Why:** receipts arrive minutes late at noon.\n\n"
    "**Who may agree:** two of bob, carol and dave, but not dave, who wrote it.",
    ticket="SHOP-129",
)
BANK: Final = Content(
    "Payments through the second bank",
    "**Why:** the first bank refuses one payment in five since this morning.\n\n"
    "**Risk:** small; both banks are tried every night.\n\n"
    "**How to check afterwards:** refused payments below 1 % for ten minutes.",
    ticket="SHOP-131",
    rollback_plan="Roll back the service checkout.",
    fallback_owner="carol",
)
CANNOT_WAIT: Final = (
    "Customers cannot pay since this morning, and checkout does not touch the stock"
)
WEEKENDS: Final = "Weekend: nobody of Initech is there to look"

_STOCK: Final = 'jobs:\n  stock-check:\n    schedule: "30 * * * *"\n'
_CACHE: Final = "maxMemory: 320mb\n"
_SLOW: Final = 'settings:\n  SEARCH_CACHE_SECONDS: "3600"\n'
_GROWN: Final = "autoscaling:\n  maxReplicas: 16\n"
_GROWN_MORE: Final = "autoscaling:\n  maxReplicas: 20\n"
_FASTER: Final = "queue:\n  concurrency: 16\n"
_SECOND: Final = "settings:\n  PAYMENT_URL: https://second-bank.example/v2\n"

_ASKED: Final = "Does the larger cache go away with it?"
_ANSWERED: Final = "No: it goes back for `reports` alone, see the manifest diff."
_RAISED: Final = (
    "I raised it to 20 pods after you had agreed to 16, and refreshed: "
    "your votes were for something else, so please look again."
)
_MINE: Final = "I wrote this edit, so my vote would not count: bob and carol, please."


def tell(desired: Desired, them: Cast, *, besides: Collection[Release]) -> Release:
    """Take every step that was not taken yet; return what cannot wait for the freeze.

    *besides* are releases that are rendered meanwhile.

    :raises journey.CannotGoOn: when workers fail, or take too long
    """
    grant_production(desired.stages["prod"], them)
    _close_weekends(desired, them)
    _edit(desired, them)
    cached = _make(desired, them, ("globex", "dev"), SEARCH_CACHE, "catalog")
    counted = _make(desired, them, ("acme", "staging"), REPORTS, "reports", "cache")
    grown = _make(desired, them, ("globex", "prod"), GROWTH, "storefront")
    journey.rendered([cached, counted, grown, *besides])
    _ship(them, cached, counted)

    _raise(desired, them, grown)
    undo = _go_back(desired, them, cached, UNDO, Reversal(RollbackScope.FULL))
    reports = Reversal(RollbackScope.SERVICE, services=("reports",))
    partly = _go_back(desired, them, counted, UNDO_REPORTS, reports)
    mails = _make(desired, them, ("globex", "prod"), MAILS, "mailer")
    bank = _make(desired, them, ("globex", "prod"), BANK, "checkout")
    journey.rendered([fresh(grown.pk), undo, partly, mails, bank])
    _ship(them, undo)
    _vote(them, grown, mails, bank)
    return fresh(bank.pk)


def _close_weekends(desired: Desired, them: Cast) -> None:
    """Freeze one tenant every week on the clock of Chicago; nothing runs there."""
    windows = FreezeWindow.objects.filter(project=desired.project, reason=WEEKENDS)
    if windows.exists():
        return
    chicago = ZoneInfo("America/Chicago")
    edits.add_freeze_window(
        desired.project,
        terms=WindowTerms(
            starts_at=datetime(2026, 1, 2, 17, tzinfo=chicago),
            ends_at=datetime(2026, 1, 5, 7, tzinfo=chicago),
            rrule="FREQ=WEEKLY;BYDAY=FR",
            time_zone=chicago.key,
            reason=WEEKENDS,
        ),
        actor=them.root,
        **desired.layer("initech", "prod"),
    )


@transaction.atomic
def _edit(desired: Desired, them: Cast) -> None:
    """Everything that the releases ship, by dave what he then may not agree to."""
    alice, dave = them.alice, them.dave
    for place, service, text, actor, message in (
        (("globex", "dev"), "catalog", _SLOW, alice, "Cache the search for an hour"),
        (("acme", "staging"), "reports", _STOCK, alice, "Count the stock hourly"),
        (("acme", "staging"), "cache", _CACHE, alice, "A larger cache in staging"),
        (("globex", "prod"), "storefront", _GROWN, alice, "Up to 16 storefronts"),
        (("globex", "prod"), "mailer", _FASTER, dave, "Twice as many mails at once"),
        (("globex", "prod"), "checkout", _SECOND, alice, "Pay at the second bank"),
    ):
        if not desired.was_edited(message):
            edits.set_values(
                desired.services[service],
                text=text,
                actor=actor,
                message=message,
                **desired.layer(*place),
            )


def _make(
    desired: Desired,
    them: Cast,
    place: tuple[str, str],
    content: Content,
    *services: str,
) -> Release:
    """Make the release of what is pending of some services, at that place alone."""
    target = desired.target(*place)
    found = journey.find(target, content.title)
    if found:
        return found
    chosen = [
        change.id
        for change in (row.change for row in pool_of(target).rows)
        if change.object in services and change.layer == "target"
    ]
    return journey.ensure(target, content, actor=them.alice, change_ids=chosen)


def _ship(them: Cast, *made: Release) -> None:
    """Have releases agreed to where that is needed, and deployed by alice."""
    for release in map(_now, made):
        if release.status == Status.DRAFT:
            actions.submit_release(release, actor=them.alice)
        journey.approved(release, [(them.bob, "Tried it.")])
    journey.deployed([(_now(release), them.alice) for release in made])


def _go_back(
    desired: Desired, them: Cast, made: Release, content: Content, reversal: Reversal
) -> Release:
    """Make the rollback to what ran before *made*, once."""
    found = journey.find(made.target, content.title)
    if found:
        return found
    journey.mirrored(desired.project)
    before = made.target.releases.filter(deployed_at__lt=_now(made).deployed_at).latest(
        "deployed_at"
    )
    release = actions.roll_back_release(
        _now(before),
        actor=them.alice,
        reversal=reversal,
        title=content.title,
        notes=content.notes,
    )
    if reversal.scope == RollbackScope.SERVICE:
        actions.comment_on(release, actor=them.bob, body=_ASKED)
        actions.comment_on(release, actor=them.alice, body=_ANSWERED)
    return release


def _raise(desired: Desired, them: Cast, grown: Release) -> None:
    """R-13 is agreed to, then edited and refreshed: it is asked for again."""
    message = "Up to 20 storefronts"
    if not desired.was_edited(message):
        votes = [(them.bob, "16 will do."), (them.carol, "Fine.")]
        journey.approved(grown, votes)
        edits.set_values(
            desired.services["storefront"],
            text=_GROWN_MORE,
            actor=them.alice,
            message=message,
            **desired.layer("globex", "prod"),
        )
    if not grown.comments.exists():
        journey.mirrored(desired.project)
        actions.refresh_release(_now(grown), actor=them.alice)
        actions.comment_on(_now(grown), actor=them.alice, body=_RAISED)


def _vote(them: Cast, grown: Release, mails: Release, bank: Release) -> None:
    """One vote of two for R-13; two for R-16, of which none is dave's, and R-17."""
    journey.approved(grown, [(them.bob, "20 is fine too.")])
    if not mails.comments.exists():
        actions.comment_on(mails, actor=them.dave, body=_MINE)
    for release in (mails, bank):
        votes = [(them.bob, "Seen."), (them.carol, "Seen, and watched in staging.")]
        journey.approved(release, votes)


def _now(release: Release) -> Release:
    return fresh(release.pk)
