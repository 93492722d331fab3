"""Nothing that a file hides comes through, wherever it hides; what is not cleaned is refused."""

import re
from collections.abc import Sequence

import pytest

from tests.house.markdown import ROOT
from tests.media.cases import Case
from tests.media.corpus import corpus, formats
from tests.media.finder import found_in, oddities
from tests.media.jpegs import noted, photo, segment
from tests.media.proof import figure, outcomes

CASES = corpus()
PICTURES = [name for name in formats(CASES) if sum(one.format == name for one in CASES) > 4]


def of(names: Sequence[str]) -> Sequence[Case]:
    return [case for case in CASES if case.format in names]


GROUPS = {
    **{name: [name] for name in PICTURES},
    "other": sorted(set(formats(CASES)) - set(PICTURES)),
}


@pytest.mark.parametrize("names", GROUPS.values(), ids=GROUPS.keys())
async def test_nothing_hidden_is_left(names: Sequence[str]) -> None:
    done = await outcomes(of(names))
    assert [(one.case.name, one.left) for one in done if one.left] == []
    refused = {one.case.name for one in done if one.refused is not None}
    assert sorted(refused) == sorted(one.name for one in of(names) if not one.is_cleanable)
    assert all(one.made or one.refused for one in done)


def test_the_corpus_is_large_and_always_the_same() -> None:
    assert len(CASES) >= 200
    assert len(formats(CASES)) >= 10
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({case.body for case in CASES}) == len(CASES)
    assert [case.body for case in corpus()] == [case.body for case in CASES]
    assert {case.hidden for case in corpus("another")}.isdisjoint(case.hidden for case in CASES)


@pytest.mark.parametrize("names", GROUPS.values(), ids=GROUPS.keys())
def test_every_secret_is_found_while_it_is_there(names: Sequence[str]) -> None:
    unfound = [
        (case.name, secret)
        for case in of(names)
        for secret in set(case.hidden) - {found for found, _ in found_in(case.body, case.hidden)}
    ]
    assert unfound == []


def test_secrets_stand_in_their_own_file_alone() -> None:
    found = found_in(b"".join(case.body for case in of(["gif"])), [one.hidden[0] for one in CASES])
    assert {secret for secret, _ in found} == {one.hidden[0] for one in of(["gif"])}


@pytest.mark.parametrize(
    ("body", "odd"),
    [
        pytest.param(photo(), [], id="nothing"),
        pytest.param(noted(segment(0xFE, b"note")), ["info comment", "mark fe"], id="a comment"),
        pytest.param(photo() + b"x", ["something in or behind the scan"], id="behind the end"),
        pytest.param(noted(segment(0xE5, b"note")), ["mark e5"], id="a private segment"),
        pytest.param(
            noted(segment(0xDB, bytes(70))), ["mark db", "unreadable"], id="room in a table"
        ),
    ],
)
def test_what_is_odd_in_a_jpeg_is_named(body: bytes, odd: list[str]) -> None:
    assert oddities(body) == odd


def test_the_documentation_tells_the_figure() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert figure(CASES) in re.sub(r"\s+", " ", page)
