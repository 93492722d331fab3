"""Every pair of every table of lawful moves."""

from dataclasses import replace
from enum import StrEnum
from itertools import product

import pytest

from bot.core.announcements import ANNOUNCEMENT_MOVES, AnnouncementState
from bot.core.deliveries import DELIVERY_MOVES, DeliveryState
from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.groups import GROUP_MOVES, GroupState
from bot.core.ids import OfficerId
from bot.core.officers import MAY, Act, Role
from bot.core.tips import CLOSED_STATES, TIP_MOVES, PassedTo, TipState
from tests.fakes import NOON
from tests.storage import nouns

BY = OfficerId("officer")


@pytest.mark.parametrize(("was", "to"), list(product(TipState, TipState)))
def test_a_tip_moves_only_as_the_table_says(was: TipState, to: TipState) -> None:
    tip = nouns.tip(state=was)
    if to not in TIP_MOVES[was]:
        with pytest.raises(UnlawfulMove):
            tip.moved(to, reason="vì thế", at=NOON, by=BY)
        return
    moved = tip.moved(to, reason="vì thế", at=NOON, by=BY, passed_to=PassedTo.INVESTIGATORS)
    assert (moved.state, moved.claimed_by, moved.moved_at) == (to, BY, NOON)
    assert (moved.closed_at is not None) == (to in CLOSED_STATES)


def test_a_tip_is_passed_on_to_somebody() -> None:
    tip = nouns.tip(state=TipState.IN_VERIFICATION)
    for nobody in ("", "somebody"):
        with pytest.raises(RuleBroken, match="tip_passed_to_missing"):
            tip.moved(TipState.PASSED_ON, reason="", at=NOON, by=BY, passed_to=nobody)


@pytest.mark.parametrize("to", sorted(CLOSED_STATES))
def test_closing_without_a_reason_is_refused(to: TipState) -> None:
    tip = nouns.tip(state=TipState.IN_VERIFICATION)
    with pytest.raises(RuleBroken, match="tip_reason_missing"):
        tip.moved(to, reason=" \n", at=NOON, by=BY)


@pytest.mark.parametrize(("was", "to"), list(product(AnnouncementState, AnnouncementState)))
def test_an_announcement_moves_only_as_the_table_says(
    was: AnnouncementState, to: AnnouncementState
) -> None:
    one = nouns.announcement(state=was)
    if to in ANNOUNCEMENT_MOVES[was]:
        assert one.moved(to) == replace(one, state=to)
    else:
        with pytest.raises(UnlawfulMove):
            one.moved(to)


@pytest.mark.parametrize(("was", "to"), list(product(GroupState, GroupState)))
def test_a_group_moves_only_as_the_table_says(was: GroupState, to: GroupState) -> None:
    group = nouns.group(state=was)
    if to in GROUP_MOVES[was]:
        assert group.moved(to) == replace(group, state=to)
    else:
        with pytest.raises(UnlawfulMove):
            group.moved(to)


@pytest.mark.parametrize(
    ("states", "moves", "last"),
    [
        (TipState, TIP_MOVES, set()),
        (AnnouncementState, ANNOUNCEMENT_MOVES, {"cancelled"}),
        (DeliveryState, DELIVERY_MOVES, {"sent", "failed"}),
        (GroupState, GROUP_MOVES, set()),
    ],
    ids=["tips", "announcements", "deliveries", "groups"],
)
def test_every_state_has_its_row_and_no_move_leads_to_itself(
    states: type[StrEnum], moves: dict[StrEnum, frozenset[StrEnum]], last: set[str]
) -> None:
    assert set(moves) == set(states)
    assert not any(state in moves[state] for state in states)
    assert {state.value for state in states if not moves[state]} == last


def test_nobody_keeps_the_house_and_reads_tips_by_one_role() -> None:
    assert set(MAY) == set(Role)
    assert not any({Act.ADMINISTER, Act.MODERATE} <= acts for acts in MAY.values())
    assert all(Act.SEE in acts for acts in MAY.values())
