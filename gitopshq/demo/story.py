"""What happened in the shop so far: one roll-out, and a working day after it.

The chapter on rollbacks, votes and break-glass is in ``governance``.

Every step looks first whether it was taken before, so that a story that was broken off
goes on where it stopped, and a whole one is left alone.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from approvals import actions as approvals
from environments import actions as edits
from environments.actions import ImageReference, WindowTerms
from environments.models import FreezeWindow
from gitopshq.demo import governance, journey, packing, records
from gitopshq.demo.desired import Desired, files_of
from gitopshq.demo.people import Cast
from releases import actions
from releases.actions import Content
from releases.models import Release, Status
from releases.pending import pool_of

FIRST: Final = Content(
    "Everything as it runs today",
    "Takes over what the platform team deployed by hand until now. "
    "Compared with the clusters resource by resource: nothing changes there.",
    ticket="SHOP-100",
)
NEWSLETTER: Final = Content(
    "More mailers for the newsletter",
    "Globex sends 40,000 mails on Friday. Three mailers get through them in an hour.",
    ticket="SHOP-118",
)
EXPRESS: Final = Content(
    "Express checkout for Globex",
    "Tried in staging for a week; orders take two steps less.",
    ticket="SHOP-121",
    rollback_plan="Set the flag to false again: the storefront reads it every minute.",
)
SALE: Final = Content(
    "Checkout 2.4.1 for the sale",
    "**Why:** payments that time out are tried again once, so that no basket is lost "
    "on Thursday.\n\n"
    "**Risk:** small. It ran in staging for five days under the load of the last "
    "sale.\n\n"
    "- image `2.3.0` → `2.4.1`\n"
    "- eight pods instead of six until Monday",
    ticket="SHOP-124",
    rollback_plan="Roll back to the release before; there is no migration.",
    fallback_owner="carol",
)
SEARCH: Final = Content(
    "Try the new search",
    "The release candidate of the catalogue, to be looked at together: "
    "see the planned window.",
)
STOCK_TAKING: Final = "Globex counts its stock: nothing changes until the books close"
_FREEZE_DAYS: Final = 5
_UNTIL_SEARCH: Final = timedelta(days=2)


def is_told(desired: Desired) -> bool:
    """Say whether the last step was taken: then none is taken again."""
    windows = FreezeWindow.objects.filter(project=desired.project)
    return windows.filter(reason=STOCK_TAKING).exists()


def tell(desired: Desired, them: Cast) -> None:
    """Take every step that was not taken yet.

    :raises journey.CannotGoOn: when workers fail, or take too long
    """
    _roll_out(desired, them)
    newsletter = _ask_for_mailers(desired, them)
    _refuse_express_checkout(desired, them)
    _move_pictures(desired, them)
    sale = _prepare_sale(desired, them)
    search = _try_search(desired, them)
    _leave_pending(desired, them)
    late = governance.tell(desired, them, besides=[newsletter, sale, search])
    _freeze_globex(desired, them, late)


def _roll_out(desired: Desired, them: Cast) -> None:
    """R-1 to R-6: two tenants in three environments; one is closed with evidence."""
    alice, bob, carol, root = them.alice, them.bob, them.carol, them.root
    made = {
        (tenant, stage): journey.ensure(
            desired.target(tenant, stage), FIRST, actor=alice
        )
        for stage in ("dev", "staging", "prod")
        for tenant in ("acme", "globex")
    }
    ready = dict(zip(made, journey.rendered(made.values()), strict=True))
    votes = [(bob, "Compared with the cluster."), (carol, "Nothing moves. Good.")]
    deploys = []
    for (_, stage), release in ready.items():
        if release.status == Status.DRAFT:
            actions.submit_release(release, actor=alice)
        found = journey.approved(release, votes)
        deploys.append((found, root if stage == "prod" else alice))
    journey.deployed(deploys)
    records.close(made["acme", "prod"], them)


def _ask_for_mailers(desired: Desired, them: Cast) -> Release:
    """R-7: approved, then overtaken by an edit that reaches it: stale."""
    message = "Send the newsletter with three mailers"
    if not desired.was_edited(message):
        text = packing.text("targets/globex/staging/values/mailer.yaml")
        edits.set_values(
            desired.services["mailer"],
            text=packing.replaced(text, "replicas: 2", "replicas: 3"),
            actor=them.alice,
            message=message,
            **desired.layer("globex", "staging"),
        )
    target = desired.target("globex", "staging")
    release = journey.ensure(target, NEWSLETTER, actor=them.alice)
    [release] = journey.rendered([release])
    return journey.approved(release, [(them.bob, "Three will do.")])


def _refuse_express_checkout(desired: Desired, them: Cast) -> None:
    """R-8: rejected with a reason; its change went back to the pool."""
    message = "Turn on express checkout"
    place = ("globex", "prod")
    if not desired.was_edited(message):
        files = files_of(place, "manifests")["feature-flags"]
        old, new = 'express-checkout: "false"', 'express-checkout: "true"'
        edits.put_manifests(
            desired.target(*place),
            name="feature-flags",
            files={
                path: packing.replaced(text, old, new) for path, text in files.items()
            },
            actor=them.alice,
            message=message,
        )
    release = journey.ensure(desired.target(*place), EXPRESS, actor=them.alice)
    if release.status == Status.PENDING_APPROVAL:
        approvals.reject(
            journey.request_of(release),
            actor=them.carol,
            reason="Not while the stock is counted. Please ask again next week.",
        )


def _move_pictures(desired: Desired, them: Cast) -> None:
    """Change a variable of the project: pending in every target, and R-7 is stale."""
    message = "Serve pictures from the edge network"
    if not desired.was_edited(message):
        edits.set_variable(
            desired.place("repo", ""),
            key="CDN_HOST",
            value="edge.shop.example",
            actor=them.alice,
            message=message,
        )


def _prepare_sale(desired: Desired, them: Cast) -> Release:
    """R-9: two of three pending changes, waiting for two votes in production."""
    _edit_for_sale(desired, them)
    target = desired.target("acme", "prod")
    found = journey.find(target, SALE.title)
    if found:
        return found
    rows = pool_of(target).rows
    chosen = [row.change.id for row in rows if row.change.object == "checkout"]
    return journey.ensure(target, SALE, actor=them.alice, change_ids=chosen)


@transaction.atomic
def _edit_for_sale(desired: Desired, them: Cast) -> None:
    message = "Be ready for the sale"
    if desired.was_edited(message):
        return
    where = desired.layer("acme", "prod")
    text = packing.text("targets/acme/prod/values/checkout.yaml")
    edits.set_values(
        desired.services["checkout"],
        text=packing.replaced(text, "replicas: 6", "replicas: 8"),
        actor=them.alice,
        message=message,
        **where,
    )
    edits.bump_image(
        desired.services["checkout"],
        image=ImageReference(tag="2.4.1"),
        actor=them.alice,
        **where,
    )


def _try_search(desired: Desired, them: Cast) -> Release:
    """R-10: a draft in development, planned for a certain hour."""
    message = "Try the release candidate of the catalogue"
    if not desired.was_edited(message):
        edits.bump_image(
            desired.services["catalog"],
            image=ImageReference(tag="3.5.0-rc.1"),
            environment=desired.stages["dev"],
            actor=them.alice,
            message=message,
        )
    start = _this_hour() + _UNTIL_SEARCH
    planned = replace(
        SEARCH, planned_start=start, planned_end=start + timedelta(hours=1)
    )
    return journey.ensure(desired.target("acme", "dev"), planned, actor=them.alice)


@transaction.atomic
def _leave_pending(desired: Desired, them: Cast) -> None:
    """Five changes that wait in acme/staging for the visitor's first release."""
    last = "Spread the storefront strictly"
    if desired.was_edited(last):
        return
    place = ("acme", "staging")
    where = desired.layer(*place)
    edits.bump_image(
        desired.services["storefront"],
        image=ImageReference(tag="1.9.0"),
        actor=them.alice,
        message="Storefront 1.9.0",
        **where,
    )
    edits.set_variable(
        desired.place("svc", "acme/staging/checkout"),
        key="PAYMENT_TIMEOUT",
        value="45",
        description="Seconds; the test bank is slow",
        actor=them.alice,
    )
    retries = '  PAYMENT_RETRIES: "3"\n'
    timeout = '  PAYMENT_TIMEOUT_SECONDS: "{{hq.var.PAYMENT_TIMEOUT}}"\n'
    edits.set_values(
        desired.services["checkout"],
        text=packing.replaced(
            packing.text("targets/acme/staging/values/checkout.yaml"),
            retries,
            retries + timeout,
        ),
        actor=them.alice,
        message="Wait longer for the test bank",
        **where,
    )
    files = files_of(place, "kustomize")["storefront-spread"]
    old, new = "whenUnsatisfiable: ScheduleAnyway", "whenUnsatisfiable: DoNotSchedule"
    edits.put_overlay(
        desired.target(*place),
        name="storefront-spread",
        files={
            **files,
            "spread.yaml": packing.replaced(files["spread.yaml"], old, new),
        },
        workload=desired.services["storefront"],
        actor=them.alice,
        message=last,
    )


@transaction.atomic
def _freeze_globex(desired: Desired, them: Cast, late: Release) -> None:
    """Freeze one tenant in production, with one release that cannot wait: the end."""
    hour = _this_hour()
    edits.add_freeze_window(
        desired.project,
        terms=WindowTerms(
            starts_at=hour - timedelta(hours=1),
            ends_at=hour + timedelta(days=_FREEZE_DAYS),
            reason=STOCK_TAKING,
        ),
        actor=them.root,
        **desired.layer("globex", "prod"),
    )
    actions.ask_break_glass(late, actor=them.root, reason=governance.CANNOT_WAIT)


def _this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)
