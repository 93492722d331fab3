"""Handovers end to end in the services: states, words on their way, endings, forgetting."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.handovers import (
    ENDS_AFTER,
    HANDOVER_MOVES,
    LAPSES_AFTER,
    OPEN_STATES,
    WORDS_KEPT,
    HandoverState,
    Speaker,
    quarter_of,
)
from bot.core.ids import HandoverId, OfficerId
from bot.core.officers import Officer, Role
from bot.core.turns import Handled, Turn
from bot.services.audit import MACHINE
from bot.services.officers.accounts import NewOfficer
from tests.builders.opening import open_town
from tests.builders.talk import Talk
from tests.builders.town import PASSWORD, Town
from tests.fakes import NOON
from tests.storage.test_contract_handovers import handover

ANSWER = "Chào chị, chúng tôi đến tận nhà."
WORDS = "Cho em hỏi căn cước của bà cụ"


@pytest.mark.parametrize(("was", "to"), list(product(HandoverState, HandoverState)))
def test_a_handover_moves_only_as_the_table_says(was: HandoverState, to: HandoverState) -> None:
    one = handover(state=was)
    if to not in HANDOVER_MOVES[was]:
        with pytest.raises(UnlawfulMove):
            one.moved(to, at=NOON)
        return
    moved = one.moved(to, at=NOON)
    assert moved.state is to
    assert (moved.closed_at is None) == (to in OPEN_STATES)


def test_moments_are_coarse() -> None:
    said = handover().said(Speaker.RESIDENT, at=NOON + timedelta(minutes=7, seconds=3))
    assert said.wrote_at == quarter_of(NOON)
    assert said.wrote_at.minute % 15 == said.wrote_at.second == said.wrote_at.microsecond == 0


async def officer_of(town: Town, login: str, role: Role = Role.ANNOUNCER) -> Officer:
    new = NewOfficer(
        login=login,
        name=login.title(),
        password=PASSWORD,
        unit_id=town.commune.id,
        roles=frozenset({role}),
    )
    return await town.officers.add(new, by=MACHINE)


async def asked(town: Town) -> tuple[Talk, Officer, HandoverId]:
    officer = await officer_of(town, "lan")
    talk = town.talk("telegram")
    await talk.says("/nguoi")
    await talk.says(WORDS)
    (waiting,) = await town.handovers.desk.list(officer)
    return talk, officer, waiting.handover.id


async def test_an_answer_goes_out_once_and_then_the_bot_answers_again(town: Town) -> None:
    talk, officer, handover_id = await asked(town)
    await town.handovers.desk.answer(handover_id, officer, f"  {ANSWER}\n")
    assert await town.handovers.bringing.bring() == 1
    assert await town.handovers.bringing.bring() == 0
    (brought,) = await town.outbox()
    assert brought.text == f"Cán bộ Xã Bịa trả lời:\n{ANSWER}"
    assert await talk.says("dạ em cảm ơn") == []
    await town.handovers.desk.done(handover_id, officer)
    await town.handovers.bringing.bring()
    (closing,) = await town.outbox()
    assert "chương trình lại trả lời" in closing.text
    assert await talk.says("đăng ký tạm trú ở đâu") != []


async def test_what_became_of_an_answer_is_seen(town: Town) -> None:
    _, officer, handover_id = await asked(town)
    await town.handovers.desk.answer(handover_id, officer, ANSWER)
    await town.handovers.bringing.bring()
    await town.outbox()
    await town.handovers.bringing.bring()
    opened = await town.handovers.desk.look(handover_id, officer)
    assert [line.state for line in opened.lines] == [None, "sent"]


async def test_words_are_sealed_and_the_address_is_gone_when_it_is_over(town: Town) -> None:
    talk, officer, handover_id = await asked(town)
    await town.handovers.desk.answer(handover_id, officer, ANSWER)
    for said in (WORDS, ANSWER, "lan-va-hue"):
        assert said.encode() not in town.on_disk()
    await talk.says("/huy")
    await town.handovers.bringing.bring()
    async with town.storage.read() as work:
        assert await work.handovers.way(handover_id) is None


async def test_of_two_officers_at_once_one_takes_it(town: Town) -> None:
    _, lan, handover_id = await asked(town)
    hoa = await officer_of(town, "hoa")
    desk = town.handovers.desk
    results = await asyncio.gather(
        *(desk.take(handover_id, one) for one in (lan, hoa)), return_exceptions=True
    )
    (refused,) = [one for one in results if one is not None]
    assert isinstance(refused, RuleBroken)
    assert refused.key == "handover_taken"
    opened = await desk.look(handover_id, lan)
    first = lan if opened.waiting.handover.taken_by == lan.id else hoa
    other = hoa if first is lan else lan
    await desk.take(handover_id, other, instead_of=first.id)
    with pytest.raises(RuleBroken, match="handover_taken"):
        await desk.answer(handover_id, first, ANSWER)


async def test_an_officer_elsewhere_or_without_the_right_finds_nothing(town: Town) -> None:
    _, _, handover_id = await asked(town)
    viewer = await officer_of(town, "viewer", Role.VIEWER)
    beside = NewOfficer(
        login="beside",
        name="Beside",
        password=PASSWORD,
        unit_id=town.elsewhere.id,
        roles=frozenset({Role.ANNOUNCER}),
    )
    for one in (viewer, await town.officers.add(beside, by=MACHINE)):
        desk = town.handovers.desk
        for act in (
            desk.look(handover_id, one),
            desk.mark(handover_id, one),
            desk.take(handover_id, one),
            desk.answer(handover_id, one, ANSWER),
            desk.done(handover_id, one),
        ):
            with pytest.raises(NotFound):
                await act


async def test_nobody_looked_for_days_and_the_resident_is_told_with_numbers(town: Town) -> None:
    talk, officer, handover_id = await asked(town)
    await town.units.set_contacts(
        town.commune.id, "Xã Bịa", {"duty_phone": "0200 000 113"}, by=MACHINE
    )
    town.clock.advance(LAPSES_AFTER - timedelta(hours=1))
    assert await town.handovers.bringing.sweep() == 0
    town.clock.advance(timedelta(hours=1))
    assert await town.handovers.bringing.sweep() == 1
    await town.handovers.bringing.bring()
    *_, sorry = await town.outbox()
    assert sorry.text.startswith("Đang nguy hiểm: gọi ngay 113")
    assert "0200 000 113" in sorry.text
    assert await talk.says("đăng ký tạm trú ở đâu") != []
    opened = await town.handovers.desk.look(handover_id, officer)
    assert opened.waiting.handover.state is HandoverState.LAPSED


async def test_an_officer_who_forgets_to_end_it_does_not_silence_the_bot(town: Town) -> None:
    talk, officer, handover_id = await asked(town)
    await town.handovers.desk.answer(handover_id, officer, ANSWER)
    town.clock.advance(ENDS_AFTER)
    assert await town.handovers.bringing.sweep() == 1
    assert await talk.says("đăng ký tạm trú ở đâu") != []
    opened = await town.handovers.desk.look(handover_id, officer)
    assert opened.waiting.handover.state is HandoverState.DONE


async def test_what_was_written_while_it_ended_is_not_lost(town: Town) -> None:
    talk, officer, handover_id = await asked(town)

    async def handle(turn: Turn) -> Handled:
        """Let it end after the turn was read and before it is written."""
        handled = await town.router.handle(turn)
        await town.handovers.desk.done(handover_id, officer)
        return handled

    await town.reception().receive([talk.incoming("còn việc này nữa")])
    await town.conversations(handle).step()
    (again,) = await town.handovers.desk.list(officer)
    opened = await town.handovers.desk.look(again.handover.id, officer)
    assert [line.text for line in opened.lines] == ["còn việc này nữa"]
    assert any("đã được chuyển cho cán bộ" in one.text for one in await town.outbox())


async def test_words_and_their_keys_are_gone_after_two_weeks(town: Town) -> None:
    talk, officer, handover_id = await asked(town)
    await talk.says("/huy")
    town.clock.advance(WORDS_KEPT + timedelta(hours=1))
    await town.handovers.bringing.sweep()
    with pytest.raises(NotFound):
        await town.handovers.desk.look(handover_id, officer)


async def test_what_no_key_opens_is_shown_as_lost_and_goes_nowhere(town: Town) -> None:
    _, officer, handover_id = await asked(town)
    await town.handovers.desk.answer(handover_id, officer, ANSWER)
    town.clock.advance(timedelta(days=20))
    town.vault.handovers.destroy_before(town.clock.now().date())
    await town.handovers.bringing.bring()
    opened = await town.handovers.desk.look(handover_id, officer)
    assert [line.text for line in opened.lines] == [None, None]
    assert opened.lines[-1].state == "failed"
    assert all(ANSWER not in one.text for one in await town.outbox())


# --- whatever happens ---------------------------------------------------------------------------

ACTS = st.lists(
    st.sampled_from(
        ("ask", "write", "leave", "take", "other takes", "answer", "done", "day", "week", "bring")
    ),
    max_size=14,
)


@dataclass
class Life:
    """What a resident should find: words answered once, silence while it is open, no loss."""

    town: Town
    officers: list[Officer]
    answered: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    async def step(self, act: str) -> None:
        talk, desk = self.town.talk("telegram"), self.town.handovers.desk
        shown = await desk.list(self.officers[0])
        assert len(shown) <= 1
        open_id = shown[0].handover.id if shown else None
        match act:
            case "ask":
                assert await talk.says("/nguoi")
            case "write":
                text = f"đăng ký tạm trú ở đâu, lần {len(self.written)}"
                replies = await talk.says(text)
                assert (replies == []) == (open_id is not None)
                if open_id is not None:
                    self.written.append(text)
            case "leave":
                await talk.says("/huy")
            case "day" | "week":
                self.town.clock.advance(timedelta(days=1 if act == "day" else 7))
                await self.town.handovers.bringing.sweep()
            case "bring":
                await self.town.handovers.bringing.bring()
            case _:
                if open_id is not None:
                    await self._acts(act, open_id)

    async def _acts(self, act: str, open_id: HandoverId) -> None:
        desk, (lan, hoa) = self.town.handovers.desk, self.officers
        try:
            match act:
                case "take":
                    await desk.take(open_id, lan)
                case "other takes":
                    await desk.take(open_id, hoa, instead_of=OfficerId(lan.id))
                case "answer":
                    await desk.answer(open_id, lan, f"trả lời {len(self.answered)}.")
                    self.answered.append(f"trả lời {len(self.answered)}.")
                case "done":
                    await desk.done(open_id, lan)
                case _:
                    raise AssertionError(act)
        except RuleBroken as broken:
            assert broken.key == "handover_taken"  # noqa: PT017  # every other refusal is a fault


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_whatever_happens_no_word_is_lost_or_doubled(acts: list[str]) -> None:
    async def live() -> None:
        with TemporaryDirectory() as folder:
            async with open_town(Path(folder)) as town:
                life = Life(
                    town=town,
                    officers=[await officer_of(town, "lan"), await officer_of(town, "hoa")],
                )
                said: list[str] = []
                for act in acts:
                    await life.step(act)
                    said += [one.text for one in await town.outbox()]
                await town.handovers.bringing.bring()
                said += [one.text for one in await town.outbox()]
                told = "\n".join(said)
                assert [told.count(one) for one in life.answered] == [1] * len(life.answered)
                desk = town.handovers.desk
                shown = [
                    *await desk.list(life.officers[0]),
                    *await desk.list(life.officers[0], is_closed=True),
                ]
                read = [
                    line.text or ""
                    for one in shown
                    for line in (await desk.look(one.handover.id, life.officers[0])).lines
                    if line.speaker is Speaker.RESIDENT
                ]
                # Of what two weeks have passed over nothing is left, by design.
                assert sorted(set(read)) == sorted(read)
                assert set(read) <= set(life.written)
                if "week" not in acts:
                    assert sorted(read) == sorted(life.written)

    asyncio.run(live())
