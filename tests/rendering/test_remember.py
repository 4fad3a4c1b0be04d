"""What is remembered stays within its bound, and the longest unused goes first."""

from delivery.rendering.remembered import Remembered


def test_the_longest_unused_goes_when_it_is_too_much():
    kept = Remembered[str, str](6, weigh=len)
    for word in ("aa", "bb", "cc"):
        kept.put(word, word)
    assert kept.get("aa") == "aa"

    kept.put("ddd", "ddd")
    kept.put("too long", "too long")

    assert [kept.get(word) for word in ("aa", "bb", "cc", "ddd", "too long")] == [
        *("aa", None, None, "ddd", None)
    ]


def test_a_key_that_is_kept_again_weighs_once():
    kept = Remembered[str, str](5, weigh=len)
    for word in ("four", "two", "three"):
        kept.put("word", word)
    assert kept.get("word") == "three"

    kept.put("word", "a")
    kept.put("else", "1234")

    assert (kept.get("word"), kept.get("else")) == ("a", "1234")
