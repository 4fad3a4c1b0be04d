"""What binds a release: the strictest of several policies."""

from hypothesis import given
from hypothesis import strategies as st

from environments import policies
from environments.actions import record_released_policy
from environments.models import EnvironmentPolicy
from environments.policies import PolicyTerms, strictest
from tests import make

TERMS = st.builds(
    PolicyTerms,
    required_approvals=st.integers(0, 5),
    block_self_approval=st.booleans(),
    approval_expiry_hours=st.none() | st.integers(1, 100),
    auto_approve=st.booleans(),
    block_self_deploy=st.booleans(),
    deploy_mode=st.sampled_from(["manual", "auto"]),
)


def demands(terms):
    """How much each field asks for; more is stricter."""
    hours = terms.approval_expiry_hours
    return (
        terms.required_approvals,
        terms.block_self_approval,
        0 if hours is None else 1 / hours,
        not terms.auto_approve,
        terms.block_self_deploy,
        terms.deploy_mode == "manual",
    )


@given(TERMS, TERMS, TERMS)
def test_the_strictest_asks_in_each_field_for_what_the_strictest_asks(a, b, c):
    together = demands(strictest(a, b, c))

    assert together == tuple(map(max, demands(a), demands(b), demands(c)))


@given(TERMS)
def test_terms_survive_json_and_the_state(terms):
    assert PolicyTerms.from_json(terms.to_json()) == terms
    assert PolicyTerms.of_state(terms.to_state()) == terms


def test_two_environments_have_two_policies(shop):
    """S48: approval follows the policy of the target environment."""
    make.environment(shop, "dev", auto_approve=True)
    make.environment(shop, "prod", required_approvals=2)
    dev, prod = (make.target(shop, environment=e) for e in ("dev", "prod"))

    found = policies.effective_policies([dev, prod])

    assert not found[dev.pk].is_gated
    assert found[prod.pk].is_gated
    assert found[prod.pk].required_approvals == 2


def test_what_was_released_binds_until_a_release_carries_less(shop):
    make.environment(shop, "prod", required_approvals=1)
    prod = make.target(shop)
    record_released_policy(prod, PolicyTerms(required_approvals=3))
    prod = type(prod).objects.get(pk=prod.pk)

    assert policies.effective_policy(prod).required_approvals == 3


def test_a_new_target_is_bound_by_what_its_neighbours_released(shop, prod):
    record_released_policy(prod, PolicyTerms(required_approvals=2))
    fresh = make.target(shop, tenant="umbrella")
    elsewhere = make.target(shop, tenant="umbrella", environment="dev")

    assert policies.effective_policy(fresh).required_approvals == 2
    assert policies.effective_policy(elsewhere).required_approvals == 0

    record_released_policy(fresh, PolicyTerms())
    fresh = type(fresh).objects.get(pk=fresh.pk)
    assert policies.effective_policy(fresh).required_approvals == 0


def test_the_policy_at_the_cut_counts_too(prod):
    cut = PolicyTerms(approval_expiry_hours=4)

    assert policies.effective_policy(prod, cut=cut).approval_expiry_hours == 4


def test_a_missing_policy_counts_as_the_defaults(prod, production):
    EnvironmentPolicy.objects.filter(environment=production).delete()

    assert policies.effective_policy(prod) == PolicyTerms()
