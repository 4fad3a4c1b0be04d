"""``EMAIL_URL``: what it stands for; nonsense is refused without showing it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from gitopshq.mail import mail_settings


def read(url):
    return mail_settings(url, host="hq.example.test")


def test_without_it_nothing_is_sent():
    said = read("")

    assert said["EMAIL_IS_ON"] is False
    assert said["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


def test_everything_stands_in_the_url():
    said = read(
        "smtp+tls://hq%40example.test:p%2Fw@mail.example.test:2525"
        "?from=HQ%20%3Chq@example.test%3E"
    )

    assert said["EMAIL_IS_ON"] is True
    assert said["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (said["EMAIL_HOST"], said["EMAIL_PORT"]) == ("mail.example.test", 2525)
    assert said["EMAIL_HOST_USER"] == "hq@example.test"
    assert said["EMAIL_HOST_PASSWORD"] == "p/w"
    assert (said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"]) == (True, False)
    assert said["DEFAULT_FROM_EMAIL"] == "HQ <hq@example.test>"


@pytest.mark.parametrize(
    ("scheme", "port", "tls", "ssl"),
    [
        ("smtp", 25, False, False),
        ("smtp+tls", 587, True, False),
        ("smtps", 465, False, True),
    ],
)
def test_each_scheme_has_its_port_and_its_tls(scheme, port, tls, ssl):
    said = read(f"{scheme}://mail.example.test")

    assert said["EMAIL_PORT"] == port
    assert (said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"]) == (tls, ssl)
    assert said["DEFAULT_FROM_EMAIL"] == "GitOpsHQ <gitopshq@hq.example.test>"


def test_mail_can_be_printed():
    assert read("console:")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.test",
        "http://user:hunter2secret@mail.example.test",
        "smtp://user:hunter2secret@mail.example.test:many",
        "smtp://user:hunter2secret@",
        "smtp://user:hunter2secret@mail.example.test/inbox",
        "smtp://user:hunter2secret@mail.example.test?tls=1",
        "smtp://user:hunter2secret@mail.example.test?from=",
        "smtp://user:hunter2secret@mail.example.test?from=a%0ABcc:%20b",
    ],
)
def test_what_cannot_be_read_is_refused_and_not_shown(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refused:
        read(url)

    assert "hunter2secret" not in str(refused.value)
