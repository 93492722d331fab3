"""Whose address a request has, when proxies stand between."""

import ipaddress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.addresses import client_address, crowd_of

TRUSTED = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]
PROXY = "10.0.0.1"
CLIENT = "203.0.113.7"


@dataclass(frozen=True, kw_only=True)
class Case:
    id: str
    expected: str | None
    peer: str | None = PROXY
    headers: dict[str, list[str]] = field(default_factory=dict)


CASES = [
    Case(id="no proxy", peer=CLIENT, expected=CLIENT),
    Case(
        id="no proxy, lying",
        peer=CLIENT,
        headers={"x-forwarded-for": ["1.1.1.1"]},
        expected=CLIENT,
    ),
    Case(id="a socket without address", peer=None, expected=None),
    Case(id="a proxy that says nothing", expected=PROXY),
    Case(id="one proxy", headers={"x-forwarded-for": [CLIENT]}, expected=CLIENT),
    Case(id="two proxies", headers={"x-forwarded-for": [f"{CLIENT}, 10.9.9.9"]}, expected=CLIENT),
    Case(id="two lines", headers={"x-forwarded-for": [CLIENT, "10.9.9.9"]}, expected=CLIENT),
    Case(
        id="a client who lies before the proxy",
        headers={"x-forwarded-for": [f"1.1.1.1, {CLIENT}"]},
        expected=CLIENT,
    ),
    Case(id="a hidden hop", headers={"x-forwarded-for": ["unknown"]}, expected=PROXY),
    Case(id="with a port", headers={"x-forwarded-for": [f"{CLIENT}:4711"]}, expected=CLIENT),
    Case(id="version six", headers={"x-forwarded-for": ["2001:db8::1"]}, expected="2001:db8::1"),
    Case(
        id="version six in brackets",
        headers={"x-forwarded-for": ["[2001:db8::1]:80"]},
        expected="2001:db8::1",
    ),
    Case(id="four in six", headers={"x-forwarded-for": ["::ffff:203.0.113.7"]}, expected=CLIENT),
    Case(
        id="proxy on version six",
        peer="fd00::1%eth0",
        headers={"x-forwarded-for": [CLIENT]},
        expected=CLIENT,
    ),
    Case(
        id="everything is trusted",
        headers={"x-forwarded-for": ["10.1.1.1, 10.2.2.2"]},
        expected="10.1.1.1",
    ),
    Case(id="forwarded", headers={"forwarded": [f"for={CLIENT};proto=https"]}, expected=CLIENT),
    Case(
        id="forwarded with quotes",
        headers={"forwarded": ['proto=http; For="[2001:db8::1]:1"']},
        expected="2001:db8::1",
    ),
    Case(
        id="forwarded, two",
        headers={"forwarded": [f"for=1.1.1.1, for={CLIENT}", "for=10.3.3.3"]},
        expected=CLIENT,
    ),
    Case(id="forwarded without for", headers={"forwarded": ["by=10.3.3.3"]}, expected=PROXY),
    Case(
        id="both",
        headers={"forwarded": ["for=1.1.1.1"], "x-forwarded-for": [CLIENT]},
        expected=CLIENT,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_nearest_hop_that_is_not_trusted_is_the_client(case: Case) -> None:
    found = client_address(case.peer, case.headers, TRUSTED)
    assert (str(found) if found else None) == case.expected


ADDRESSES = st.ip_addresses().map(str)
RUBBISH = st.text(max_size=60)


@given(
    peer=st.one_of(ADDRESSES, RUBBISH),
    forwarded_for=st.lists(st.one_of(ADDRESSES, RUBBISH), max_size=4),
    forwarded=st.lists(RUBBISH, max_size=4),
)
def test_nothing_a_client_writes_breaks_the_reading(
    peer: str, forwarded_for: list[str], forwarded: list[str]
) -> None:
    headers = {"x-forwarded-for": forwarded_for, "forwarded": forwarded}
    crowd_of(client_address(peer, headers, TRUSTED))


@given(peer=st.ip_addresses(v=4), claimed=st.lists(ADDRESSES, max_size=4))
def test_a_stranger_is_never_believed(peer: ipaddress.IPv4Address, claimed: list[str]) -> None:
    found = client_address(str(peer), {"x-forwarded-for": claimed}, [])
    assert found == peer


@given(client=st.ip_addresses(v=4, network="203.0.113.0/24"), lies=st.lists(ADDRESSES, max_size=3))
def test_lies_before_a_trusted_proxy_change_nothing(
    client: ipaddress.IPv4Address, lies: list[str]
) -> None:
    line = ", ".join([*lies, str(client)])
    assert client_address(PROXY, {"x-forwarded-for": [line]}, TRUSTED) == client


def test_a_subscriber_counts_as_one_however_many_addresses_the_line_has() -> None:
    first = client_address("2001:db8:1:2::1", {}, ())
    second = client_address("2001:db8:1:2:ffff::9", {}, ())
    assert crowd_of(first) == crowd_of(second) == "2001:db8:1:2::/64"
    assert crowd_of(None) == "unknown"
