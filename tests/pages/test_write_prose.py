"""Markdown that people wrote: harmless as HTML, readable as words."""

from gitopshq.core import prose


def test_markdown_keeps_words_and_loses_harm():
    shown = prose.to_html(
        "# Risk\n\n**low** `x`\n\n[a](javascript:alert(1)) [b](https://example.com) "
        "![i](https://example.com/p.png) <img src=x onerror=alert(1)>"
    )

    assert "<h4>Risk</h4>" in shown
    assert "<strong>low</strong>" in shown
    assert 'href="https://example.com"' in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown


def test_markdown_is_said_in_plain_words():
    text = "# Why\n\n**Risk:** none,\n*really*.\n\n* `a`\n* <b>\n\n```\nrun it\n```\n"

    assert prose.to_words(text) == "Why Risk: none, really. a <b> run it"
    assert prose.to_words("") == ""
