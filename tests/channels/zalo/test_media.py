"""What people sent is fetched from Zalo's media hosts and nowhere else, within bounds."""

import socket
import string
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yarl import URL

from bot.channels.zalo.media import (
    HOSTS,
    MediaFetcher,
    Place,
    PublicNames,
    address_of,
    is_public,
    is_zalos,
)
from bot.core.errors import MediaRefused
from bot.core.messages import Media, MediaKind
from bot.core.sending import NoAnswer, NoConnection, PlatformTrouble, SendError
from tests.channels.rigs_zalo import ZaloRig
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.zalo_media import MediaTrouble

BODY = b"\xff\xd8\xff" + b"anh" * 1000


def picture(url: str) -> Media:
    return Media(kind=MediaKind.PICTURE, handle=url)


# --- which addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("https://f1.photo.zdn.vn/a/b.jpg?x=1", "https://f1.photo.zdn.vn/a/b.jpg?x=1"),
        ("http://f1.photo.zdn.vn/a.jpg", "https://f1.photo.zdn.vn/a.jpg"),
        ("http://zdn.vn:80/a.jpg", "https://zdn.vn/a.jpg"),
        ("https://zdn.vn:443/a.jpg", "https://zdn.vn/a.jpg"),
        ("HTTPS://S120-AVA-TALK.ZADN.VN/a.jpg", "https://s120-ava-talk.zadn.vn/a.jpg"),
        ("https://zdn.vn/%C4%91%2Fa b.jpg", "https://zdn.vn/%C4%91%2Fa%20b.jpg"),
        ("https://zdn.vn/đơn.pdf", "https://zdn.vn/%C4%91%C6%A1n.pdf"),
    ],
)
def test_an_address_of_zalos_is_asked_over_https(told: str, asked: str) -> None:
    assert str(address_of(told)).lower() == asked.lower()


@pytest.mark.parametrize(
    "told",
    [
        "",
        "zdn.vn/a.jpg",
        "//zdn.vn/a.jpg",
        "ftp://zdn.vn/a.jpg",
        "file:///etc/passwd",
        "javascript:alert(1)//zdn.vn",
        "https://example.org/zdn.vn",
        "https://example.org/?.zdn.vn",
        "https://example.org#.zdn.vn",
        "https://zdn.vn.example.org/",
        "https://zdnxvn/",
        "https://xzdn.vn/",
        "https://zdn.vnx/",
        "https://zdn.vn./",
        "https://.zdn.vn/",
        "https://a..zdn.vn/",
        "https://-a.zdn.vn/",
        "https://a_b.zdn.vn/",
        "https://vn/",
        "https://zdn.vn@example.org/",
        "https://zdn.vn:443@example.org/",
        "https://user:pass@zdn.vn/",
        "https://@zdn.vn/",
        "https://zdn.vn:8443/",
        "https://zdn.vn:22/",
        "https://zdn.vn:80/",
        "http://zdn.vn:443/",
        "https://zdn.vn:x/",
        "https://zdn.vn:99999/",
        "https://zdn.vn\\@example.org/",
        "https://example.org\\.zdn.vn/",
        "https://zdn.vn\r\nHost: example.org/",
        "https://zdn.vn\t.example.org/",
        "https://zdn。vn/",
        "https://ｚｄｎ.vn/",
        "https://zdn.vn%2eexample.org/",
        "https://example.org%00.zdn.vn/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1].zdn.vn/",
        "https://localhost/",
        "https://" + "a." * 1000 + "zdn.vn/",
    ],
)
def test_any_other_address_is_refused(told: str) -> None:
    with pytest.raises(MediaRefused):
        address_of(told)


HOST_LETTERS = st.text(string.ascii_letters + string.digits + "-._@:%[]/\\?# \tđ。", max_size=20)


@settings(deadline=None)
@given(before=HOST_LETTERS, host=st.sampled_from(HOSTS), after=HOST_LETTERS)
@example(before="", host="zdn.vn", after="@example.org")
@example(before="example.org/", host="zdn.vn", after="")
@example(before="user@", host="zadn.vn", after="")
def test_whatever_stands_around_it_only_zalos_hosts_are_asked(
    before: str, host: str, after: str
) -> None:
    try:
        asked = address_of(f"https://{before}{host}{after}/a.jpg")
    except MediaRefused:
        return

    labels = (asked.host or "").split(".")
    assert any(labels[-len(own.split(".")) :] == own.split(".") for own in HOSTS)
    assert (asked.scheme, asked.port, asked.user, asked.password) == ("https", 443, None, None)
    # What another reader of addresses makes of it is the same.
    assert URL(str(asked)).host == asked.host


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_trouble(told: str) -> None:
    for written in (told, f"https://{told}", f"https://zdn.vn/{told}"):
        try:
            asked = address_of(written)
        except MediaRefused:
            continue
        assert is_zalos(asked.host or "")


def test_the_accounts_own_api_host_is_allowed_as_it_is() -> None:
    own = Place.of("http://127.0.0.1:9002")

    assert str(address_of("http://127.0.0.1:9002/media/a.jpg", own=own)).startswith("http://127")
    for other in (
        "http://127.0.0.1:9003/a",
        "https://127.0.0.1:9002/a",
        "http://127.0.0.2:9002/a",
    ):
        with pytest.raises(MediaRefused):
            address_of(other, own=own)
    with pytest.raises(MediaRefused):
        address_of("http://x@127.0.0.1:9002/a", own=own)


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("118.102.0.10", True),
        ("2001:ee0::1", True),
        *((private, False) for private in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1")),
        *((other, False) for other in ("169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1")),
        *((six, False) for six in ("::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::")),
        ("not an address", False),
    ],
)
def test_private_addresses_are_known(address: str, verdict: bool) -> None:  # noqa: FBT001 - pytest names them
    assert is_public(address) is verdict


# --- fetching ------------------------------------------------------------------------------------


async def test_what_a_person_sent_is_fetched(rig: ZaloRig) -> None:
    medium = rig.stub.media.put(BODY, name="anh.jpg")

    assert await rig.channel.fetch(picture(medium.url)) == BODY
    assert rig.stub.media.fetched == {medium.url: 1}


async def test_what_comes_with_an_event_can_be_fetched(rig: ZaloRig) -> None:
    await rig.stub.user_sends(rig.person, "image", medium=rig.stub.media.put(BODY, name="a.jpg"))
    (incoming,) = rig.channel.parse(await rig.next_post())
    (media,) = incoming.media

    assert await rig.channel.fetch(media) == BODY


@pytest.mark.parametrize(
    ("trouble", "raises"),
    [
        (MediaTrouble.GONE, MediaRefused),
        (MediaTrouble.MOVED, MediaRefused),
        (MediaTrouble.TOO_LARGE, MediaRefused),
        (MediaTrouble.ENDLESS, MediaRefused),
        (MediaTrouble.HTML, MediaRefused),
        (MediaTrouble.SLOW, NoAnswer),
        (MediaTrouble.CUT_SHORT, NoAnswer),
        (MediaTrouble.ERROR_500, PlatformTrouble),
    ],
)
async def test_what_cannot_be_had_is_refused_in_words(
    rig: ZaloRig, trouble: MediaTrouble, raises: type[MediaRefused] | type[SendError]
) -> None:
    rig.stub.clock.freeze()
    rig.stub.media.manners.large_bytes = 21 * 1024 * 1024
    medium = rig.stub.media.put(BODY, name="anh.jpg", trouble=trouble)

    with pytest.raises(raises) as caught:
        await rig.channel.fetch(picture(medium.url))

    assert str(caught.value)
    assert medium.url not in str(caught.value)


async def test_a_link_that_ran_out_is_refused(rig: ZaloRig) -> None:
    rig.stub.media.manners.lasts_s = 60
    medium = rig.stub.media.put(BODY, name="anh.jpg")
    rig.stub.clock.advance(61)

    with pytest.raises(MediaRefused):
        await rig.channel.fetch(picture(medium.url))


async def test_an_empty_medium_is_refused(rig: ZaloRig) -> None:
    medium = rig.stub.media.put(b"", name="anh.jpg")

    with pytest.raises(MediaRefused):
        await rig.channel.fetch(picture(medium.url))


async def test_a_media_host_off_the_net_is_no_connection(rig: ZaloRig) -> None:
    medium = rig.stub.media.put(BODY, name="anh.jpg")
    await rig.vanish()

    with pytest.raises(NoConnection):
        await rig.channel.fetch(picture(medium.url))


async def test_an_address_of_a_stranger_is_not_even_asked(rig: ZaloRig) -> None:
    for url in ("http://127.0.0.1:1/a", "https://example.org/a", ""):
        with pytest.raises(MediaRefused):
            await rig.channel.fetch(picture(url))

    assert rig.stub.media.fetched == {}


class Detour:
    """A host that sends its askers on, `hops` times, then gives the picture."""

    def __init__(self, hops: int, onward: str = "") -> None:
        self.hops = hops
        self.onward = onward
        self.headers: list[dict[str, str]] = []
        self.server = LoopbackServer(self.answer)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        hop = int(request.path.strip("/") or "0")
        if hop >= self.hops:
            return web.Response(body=BODY)
        location = self.onward or f"/{hop + 1}"
        headers = {"Location": location, "Set-Cookie": "hop=1; Path=/"}
        return web.Response(status=302, headers=headers)


async def fetched(detour: Detour, *, most_bytes: int = 10_000) -> bytes:
    await detour.server.start()
    url = detour.server.url
    fetcher = MediaFetcher(own=Place.of(url), limit_s=2.0, most_bytes=most_bytes)
    try:
        return await fetcher.fetch(f"{url}/0")
    finally:
        await fetcher.close()
        await detour.server.stop()


@pytest.mark.parametrize("hops", [0, 1, 2])
async def test_two_redirects_within_the_list_are_followed(hops: int) -> None:
    assert await fetched(Detour(hops)) == BODY


async def test_a_third_redirect_is_refused() -> None:
    with pytest.raises(MediaRefused):
        await fetched(Detour(3))


@pytest.mark.parametrize(
    "onward",
    [
        "http://127.0.0.1:1/",
        "https://example.org/a.jpg",
        "//example.org/a.jpg",
        "http://user@zdn.vn/a",
        "file:///etc/passwd",
        "http://[::1",
        "gopher://zdn.vn/",
    ],
)
async def test_a_redirect_elsewhere_is_refused(onward: str) -> None:
    detour = Detour(1, onward)

    with pytest.raises(MediaRefused):
        await fetched(detour)
    assert len(detour.headers) == 1


async def test_nothing_of_ours_goes_along() -> None:
    detour = Detour(2)

    await fetched(detour)

    sent = {name for headers in detour.headers for name in headers}
    assert sent <= {"host", "accept", "accept-encoding", "user-agent"}
    assert {headers["accept-encoding"] for headers in detour.headers} == {"identity"}


async def test_a_medium_of_just_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert await fetched(Detour(0), most_bytes=len(BODY)) == BODY
    with pytest.raises(MediaRefused):
        await fetched(Detour(0), most_bytes=len(BODY) - 1)


class Names(AbstractResolver):
    """Names that lead where a test says."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.addresses:
            raise OSError("no such name")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def private() -> AsyncIterator[MediaFetcher]:
    fetcher = MediaFetcher(limit_s=2.0, resolver=Names("127.0.0.1", "10.0.0.1", "::1"))
    yield fetcher
    await fetcher.close()


async def test_a_name_of_zalos_that_leads_home_is_refused(private: MediaFetcher) -> None:
    with pytest.raises(MediaRefused):
        await private.fetch("https://f1.zdn.vn/a.jpg")


async def test_of_several_addresses_only_the_public_ones_are_asked() -> None:
    inner = Names("10.0.0.1", "118.102.0.10", "127.0.0.1")

    found = await PublicNames(inner).resolve("f1.zdn.vn")
    trusted = await PublicNames(inner, trusted="localhost").resolve("localhost")

    assert [one["host"] for one in found] == ["118.102.0.10"]
    assert len(trusted) == 3


async def test_a_name_that_leads_nowhere_is_no_connection() -> None:
    fetcher = MediaFetcher(limit_s=2.0, resolver=Names())
    try:
        with pytest.raises(NoConnection):
            await fetcher.fetch("https://f1.zdn.vn/a.jpg")
    finally:
        await fetcher.close()
