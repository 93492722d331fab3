"""One-time codes: what they are worth, to whom, for how long."""

from datetime import timedelta

import pytest

from bot.core.errors import NotFound
from bot.core.officers import Role
from bot.services.groups.codes import MOST_TRIES, Verdict
from bot.services.one_time_codes import CODE_LENGTH, CODE_LIFE
from tests.builders.town import Town
from tests.services.group_deeds import (
    NAME,
    NEW,
    OLD,
    TELEGRAM,
    ZALO,
    found,
    group_at,
    linked,
    officer,
    typed,
)


async def test_a_code_is_short_has_a_figure_and_stands_nowhere_in_the_clear(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    assert len(code.code) == CODE_LENGTH
    assert any(mark.isdigit() for mark in code.code)
    assert code.code not in repr(code)
    assert code.code.encode() not in town.on_disk()


async def test_a_code_works_once(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    assert await typed(town, code.code, chat="-1") is Verdict.LINKED
    assert await typed(town, code.code, chat="-2") is Verdict.WRONG


async def test_a_code_lives_half_an_hour(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    town.clock.advance(CODE_LIFE + timedelta(seconds=1))
    assert await typed(town, code.code) is Verdict.WRONG


async def test_a_code_is_read_as_people_type_it(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    spaced = f"{code.code[:4].lower()} - {code.code[4:].lower()}".replace("0", "o")
    assert await typed(town, spaced) is Verdict.LINKED


async def test_a_code_of_one_account_is_wrong_on_another(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, channel_id=TELEGRAM, by=None)
    assert await typed(town, code.code, channel=ZALO) is Verdict.WRONG
    assert await typed(town, code.code) is Verdict.LINKED


async def test_two_groups_that_type_one_code_at_once_do_not_both_get_it(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    address = town.talk("telegram", chat=OLD, is_group=True).incoming("").address
    conversation = town.envelopes.conversation(TELEGRAM, OLD)
    redemption = await town.group_parts.codes.redeem(address, conversation, code.code)
    assert await typed(town, code.code, chat=NEW) is Verdict.LINKED
    assert redemption.effect is not None
    async with town.storage.begin() as work:
        with pytest.raises(NotFound):
            await redemption.effect(work)
    assert await group_at(town, OLD) is None


async def test_wrong_codes_are_counted_by_group_and_hour(town: Town) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    for _ in range(MOST_TRIES):
        assert await typed(town, "ABCD2345") is Verdict.WRONG
    assert await typed(town, code.code) is Verdict.WAIT
    assert await typed(town, "ABCD2345", chat="-2") is Verdict.WRONG
    town.clock.advance(timedelta(hours=1, seconds=1))
    fresh = await town.group_parts.codes.make(town.hamlet.id, by=None)
    assert await typed(town, fresh.code) is Verdict.LINKED


async def test_a_group_of_another_unit_is_not_taken_away_by_a_code(town: Town) -> None:
    await linked(town)
    code = await town.group_parts.codes.make(town.elsewhere.id, by=None)
    assert await typed(town, code.code) is Verdict.ELSEWHERE
    assert (await found(town)).unit_id == town.hamlet.id
    assert await typed(town, code.code, chat="-2") is Verdict.LINKED


async def test_who_made_the_code_stands_in_the_audit_chain(town: Town) -> None:
    by = officer(town, None, Role.ADMIN)
    code = await town.group_parts.codes.make(town.hamlet.id, by=by)
    await typed(town, code.code)
    link = next(
        entry.record for entry in await town.audit.newest() if entry.record.act == "group.link"
    )
    assert (link.actor, link.facts) == ("o1", {"unit": town.hamlet.id})
    assert NAME not in str(link)
