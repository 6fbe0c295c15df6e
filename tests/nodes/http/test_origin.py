"""Which URLs are followed: a table of spellings, each refused before or at the resolver."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callsheet.nodes.http.dns import public_addresses
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.ip_address import is_public, parse_address
from callsheet.spec.web_origin import Origin, UrlError, origin_of, public_origin

TABLE = """
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 0 0.0.0.0 0.0.0.1 2130706433 0x7f000001 0x7f.1 0x7f.0.0.1
017700000001 0177.0.0.1 0177.1 00000177.0.0.1 1.1 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
192.168.0.1 192.168.1.1 169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.0.9
192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255 [::] [::1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:10.0.0.1] [::ffff:7f00:1]
[64:ff9b::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b:1::1] [100::1] [2001::1] [2001:db8::1] [2002:7f00:1::]
[2002:c0a8:101::1] [fc00::1] [fd00::1] [fe80::1] [fe80::1%25eth0] [fec0::1] [ff02::1] [ff0e::1]
[::ffff:169.254.169.254] [0:0:0:0:0:0:0:1] [::ffff:0:127.0.0.1] localhost LOCALHOST １２７.0.0.1 127。0。0。1
①②⑦.0.0.1 ⓛocalhost 127.0.0.1. 0x7f000001. 127.0.0.1%00.example.com example.com\\@127.0.0.1
user@127.0.0.1 user:pass@example.com example.com:80 example.com:22 example.com:0 example.com:99999
"""
HOSTS = TABLE.split()

URLS = [
    "http://example.com/a.png",
    "file:///etc/passwd",
    "ftp://example.com/a",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/a",
    "/a.png",
    "",
    "https://",
    "https:///a",
    "https://exa mple.com/",
    "https://example.com/\r\nHost: x",
    "https://example.com/\u202e",
    "https://[::1/",
    "https://-example.com/",
    "https://example..com/",
    "https://" + "a" * 300 + ".com/",
    "https://example.com/" + "a" * 9000,
]


def test_the_table_is_large_enough() -> None:
    assert len(set(HOSTS)) >= 60


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_a_private_host_is_used(host: str, tmp_path: Path) -> None:
    asked: list[str] = []

    async def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    async def fetch() -> None:
        await Files(resolve=resolve).fetch(f"https://{host}/a.png", tmp_path / "a.png")

    with pytest.raises(QueueError, match="is not used"):
        asyncio.run(fetch())
    assert not asked
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", URLS)
def test_no_other_url_is_used(url: str) -> None:
    with pytest.raises(UrlError):
        public_origin(url)


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["2606:2800:21f::1", "::1"], ["fe80::1%eth0"], []],
    ids=str,
)
def test_a_name_that_leads_home_is_not_connected_to(answers: list[str]) -> None:
    async def resolve(name: str, port: int) -> list[str]:
        return answers

    with pytest.raises(UrlError, match="not public"):
        asyncio.run(public_addresses(Origin("https", "rebind.example", 443), resolve))


@pytest.mark.parametrize("text", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"])
def test_public_addresses_are_public(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert is_public(address)


def test_an_ordinary_url_is_used() -> None:
    assert public_origin("https://v3.fal.media/files/a/b_c.mp4?x=1&y=%20") == Origin(
        "https", "v3.fal.media", 443
    )


def test_a_trusted_origin_may_be_plain_and_local() -> None:
    mine = Origin("http", "127.0.0.1", 8080)
    assert public_origin("http://127.0.0.1:8080/a", {mine}) == mine
    with pytest.raises(UrlError):
        public_origin("http://127.0.0.1:8081/a", {mine})


def test_an_origin_is_scheme_host_and_port() -> None:
    assert str(origin_of("https://Example.COM/a")) == "https://example.com"
    assert str(origin_of("http://[::1]:81/a")) == "http://[::1]:81"
