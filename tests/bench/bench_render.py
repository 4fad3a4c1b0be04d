"""P3, P4 and P14: rendering a release of one changed workload among others.

From the request to the tree that is ready: the digest of the State is looked up, its
units told apart by their keys, one rendered, everything checked and written, and those
who wait are told. P4 and P14 begin with capturing the State; P14 ends with three diffs.
"""

from environments.desired.state import State
from releases.cutting import save_snapshot
from releases.models import Snapshot
from releases.selectors.content import Diffs, Level
from tests.bench import harness
from tests.bench.shop import Handmade, Shop, size


@harness.benchmark("P3", goal=1.5, theirs="render 1 changed of 1", runs=9)
def render_1_changed_of_200(work: harness.Workshop) -> harness.Pair:
    many, single = Shop(size(200)), Shop(1)
    for shop in (many, single):
        shop.rendered()

    states: dict[Shop, State] = {}

    def edit_one(run: int) -> None:
        for shop in (many, single):
            shop.edit(shop.names[run % len(shop.names)], run + 1)
            states[shop] = shop.state()

    return harness.Pair(
        lambda: many.rendered(states[many]),
        lambda: single.rendered(states[single]),
        edit_one,
    )


@harness.benchmark("P4", goal=0.01, theirs="helm template of all 200", runs=3)
def render_1_changed_of_200_workloads(work: harness.Workshop) -> harness.Pair:
    shop = Shop(size(200))
    by_hand = Handmade(work.folder, shop)
    shop.rendered()

    def edit_one(run: int) -> None:
        name = shop.names[run % len(shop.names)]
        shop.edit(name, run + 1)
        by_hand.edit(name, run + 1)

    def template_all() -> None:
        for name in shop.names:
            by_hand.template(name)

    return harness.Pair(shop.rendered, template_all, edit_one)


@harness.benchmark("P14", goal=0.5, theirs="one helm template", runs=15)
def preview_1_changed_workload_of_20(work: harness.Workshop) -> harness.Pair:
    shop = Shop(size(20))
    by_hand = Handmade(work.folder, shop)
    deployed: list[tuple[Snapshot, str]] = []
    edited = [""]

    def captured() -> tuple[Snapshot, str]:
        state = shop.state()
        return save_snapshot(shop.target, state), shop.rendered(state).tree

    def edit_one(run: int) -> None:
        deployed[:] = [captured()]
        edited[:] = [shop.names[run % len(shop.names)]]
        shop.edit(edited[0], run + 1)
        by_hand.edit(edited[0], run + 1)

    def preview() -> None:
        (before, was), (after, will_be) = deployed[0], captured()
        trees = (was, will_be)
        diffs = Diffs(shop.project, before=before, after=after, trees=trees)
        assert all(diffs.at(level) for level in Level)

    return harness.Pair(preview, lambda: by_hand.template(edited[0]), edit_one)
