from __future__ import annotations

import socket

import pytest

from crawler.guards import MAX_URL, address_fault, url_fault


@pytest.mark.parametrize(
    "url",
    ["http://a.test/", "https://a.test:8443/x?y=1", "HTTP://A.TEST/", "http://8.8.8.8/", "http://[2606:4700::1111]/"],
)
def test_ordinary_urls_may_be_fetched(url: str) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://a.test/", "scheme 'ftp'"),
        ("file:///etc/passwd", "scheme 'file'"),
        ("data:text/html,x", "scheme 'data'"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("gopher://a.test/", "scheme 'gopher'"),
        ("//a.test/", "scheme ''"),
        ("http:///x", "no host"),
        ("http://user:secret@a.test/", "credentials"),
        ("http://user@a.test/", "credentials"),
        ("http://:@a.test/", "credentials"),
        ("http://a.test\\@127.0.0.1/", "credentials"),
        ("http://a.test:99999/", "malformed"),
        ("http://[oops", "malformed"),
        ("http://a.test/" + "x" * MAX_URL, "characters"),
        ("http://127.0.0.1/", "not a global address"),
        ("http://127.0.0.1:8080/", "not a global address"),
        ("http://[::1]/", "not a global address"),
        ("http://[::ffff:127.0.0.1]/", "not a global address"),
        ("http://169.254.169.254/latest/meta-data/", "not a global address"),
    ],
)
def test_other_urls_are_refused_with_their_reason(url: str, why: str) -> None:
    assert why in (url_fault(url) or "")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "240.0.0.1", "224.0.0.1", "239.1.1.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1",
        "ff02::1", "2001:db8::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:1::1", "no address", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_global_are_refused(address: str) -> None:
    assert address_fault(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_global_addresses_are_let_through(address: str) -> None:
    assert address_fault(address) is None


def test_an_address_is_excepted_by_setting_and_no_other_with_it() -> None:
    assert url_fault("http://127.0.0.1:80/", ["127.0.0.1"]) is None
    assert address_fault("::ffff:127.0.0.1", ["127.0.0.1"]) is None
    assert url_fault("http://127.0.0.2/", ["127.0.0.1"])
    assert address_fault("::1", ["127.0.0.1"])


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_a_disguised_address_is_caught_when_it_is_resolved(host: str) -> None:
    """The URL looks harmless; what the operating system makes of its host does not, and the resolver checks that."""
    assert url_fault(f"http://{host}/") is None
    found = {entry[4][0] for entry in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)}
    assert found
    assert all(address_fault(str(address)) for address in found)
