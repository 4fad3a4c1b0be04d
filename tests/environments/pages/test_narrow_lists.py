"""Long lists: narrowed by name, and shown a page at a time."""

from environments import actions
from gitopshq.core import named_pages

URL = "/projects/shop/settings"


def test_long_lists_are_narrowed_and_paged(shop, as_person, mona, monkeypatch):
    """G11 of the pages: filter and page stand in the address, the count is of all."""
    monkeypatch.setattr(named_pages, "PAGE", 2)
    for slug in ("beta", "delta", "gamma"):
        actions.create_tenant(shop, slug=slug, name=slug, actor=None)

    client = as_person(mona)

    def names(query):
        page = client.get(f"{URL}/tenants?{query}")
        return [row["name"] for row in page.context["named"].rows], page

    first, page = names("")
    assert "2 of 3" in page.content.decode()
    assert "Name of tenants" in page.content.decode()
    second, _ = names(f"cursor={first[-1]}")
    assert sorted(first + second) == ["beta", "delta", "gamma"]
    assert names("q=amm")[0] == ["gamma"]
    assert "Nothing matches" in names("q=nobody")[1].content.decode()
    assert client.get("/projects/shop/workloads?q=none").status_code == 200
