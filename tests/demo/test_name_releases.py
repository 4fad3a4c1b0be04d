"""Titles of the demo: a story that goes on finds its releases by them."""

from gitopshq.demo import governance, story
from releases.actions import Content


def test_every_title_is_one_release():
    titles = [
        content.title
        for content in (*vars(story).values(), *vars(governance).values())
        if isinstance(content, Content)
    ]

    assert len(titles) == len({*titles}) == 12
