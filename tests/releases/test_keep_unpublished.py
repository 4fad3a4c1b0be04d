"""What no gate let through is in no repository that anybody reads."""

import io

from approvals import actions as approvals
from approvals.subjects import request_for
from delivery.git import refs, trees
from delivery.git.repository import Repository
from delivery.git.upload_pack import UploadPack
from delivery.repositories import repositories_of
from environments import actions as environments
from releases import actions, soundness
from releases.locking import fresh
from releases.models import Status
from tests.git.packets import FLUSH, packet
from tests.releases.reading import commits_of, git

DONE = packet("done\n")


def wanting(wanted, protocol):
    """Return a request for one object, as a client of that protocol sends it."""
    if protocol == "version=2":
        return (
            packet("command=fetch\n") + b"0001" + packet(f"want {wanted}\n") + DONE
            + FLUSH
        )  # fmt: skip
    return packet(f"want {wanted} side-band-64k\n") + FLUSH + DONE


def fetched(path, wanted, protocol):
    body = wanting(wanted, protocol)
    answer = UploadPack().serve(
        path,
        {
            "CONTENT_TYPE": "application/x-git-upload-pack-request",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        },
        protocol=protocol,
    )
    return b"PACK" in b"".join(answer.body)


def objects_of(release, kept):
    """Return the rendered tree, all below it, and each commit that was built."""
    tree = release.rendering.tree
    folders = [entry.id for entry in trees.list_folder(kept, tree)]
    files = list(trees.list_files(kept, tree).values())
    commits = [c for attempt in release.attempts.all() for c in attempt.commits]
    return [tree, *folders, *files, *commits]


def test_what_was_not_let_through_is_fetched_by_nobody(
    shop, gated, approved, pressed, work, create, edit, released, do, bob, alice,
):  # fmt: skip
    """S98: pending, rejected, cancelled, approved, and failed with its commit built."""
    out = released(gated("out"), fast="out")
    waiting = {}
    for name in ("pending", "rejected", "cancelled"):
        place = gated(name)
        edit(place, fast=name)
        waiting[name] = create(place)
    approved(gated("approved"), fast="approved")
    request = request_for(waiting["rejected"])
    do(approvals.reject, request, actor=bob, reason="no")
    do(actions.cancel_release, waiting["cancelled"], actor=alice, reason="no")
    place = gated("frozen")
    failed = pressed(approved(place, fast="frozen"))
    do(environments.freeze, place.environment, reason="late", actor=None)
    failed = work(failed)
    assert (failed.status, failed.failure_type) == (Status.FAILED, "environment_frozen")
    assert failed.attempts.get().commits

    places = repositories_of(shop)
    with Repository(places.renderings) as kept:
        secret = {
            wanted
            for release in (*waiting.values(), failed, fresh(failed.pk - 1))
            for wanted in objects_of(release, kept)
        }
        public = objects_of(out, kept)
    with Repository(places.source) as source:
        # A plain manifest renders to itself: its text stands in the mirror.
        tree = source.tree_of(refs.tip(source, "source"))
        mirrored = set(trees.list_files(source, tree).values())
    assert len(secret - mirrored) >= 11
    for protocol in ("", "version=1", "version=2"):
        assert all(fetched(places.main, one, protocol) for one in public)
        assert [one for one in secret if fetched(places.main, one, protocol)] == []
        seen = {one for one in secret if fetched(places.source, one, protocol)}
        assert seen <= mirrored


def test_trailers_in_the_notes_of_another_change_nothing(
    shop, dev, prod, shipped, approved, pressed, work, edit, create, submit, deploy
):
    """S69: neither what was deployed before nor what is on its way."""
    first = shipped(dev, fast="1")
    coming = pressed(approved(prod, fast="2"))
    edit(dev, fast="3")
    notes = (
        f"As agreed.\n\nRelease-Id: shop/{coming.name}\n"
        f"Release-Digest: {coming.digest}\nRelease-Id: shop/{first.name}\n"
    )

    liar = deploy(submit(create(dev, content={"notes": notes})))

    trailers = git(liar, "log", "-1", "--format=%(trailers:key=Release-Id)", "main")
    assert trailers == f"Release-Id: shop/{liar.name}"
    assert fresh(first.pk).commit_sha == first.commit_sha
    assert fresh(coming.pk).status == Status.DEPLOYING
    coming = work(coming)
    assert (coming.status, commits_of(coming)) == (Status.DEPLOYED, 1)
    assert coming.commit_sha != liar.commit_sha
    assert soundness.check(shop, deep=True) == []
