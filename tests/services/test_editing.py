"""Answers and facts are changed over drafts, kept as versions, and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.core.edits import DraftId, Edit, EditKind, Revision
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import OfficerId, UnitId
from bot.core.languages import Language
from bot.core.officers import Officer, Role
from bot.services.audit import Audit
from bot.services.edits.editing import Editing, EditRefused
from content.book import Book
from content.sources import written_answer, written_fact
from tests.edit_builder import EFFECT, FakeMeasure, editing_of, measuring_of
from tests.fakes import FakeClock, SteadyChance
from tests.storage.nouns import HAMLET, OFFICER, officer, settle
from tests.storage.rig import Store

VI, EN = Language.VI, Language.EN
DRUGS = "drugs/main"
ADMIN = officer(OFFICER, roles=frozenset({Role.ADMIN}))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One officer's process, and the measuring of another."""

    editing: Editing
    storage: Store
    book: Book
    clock: FakeClock

    async def saved(self, draft_id: DraftId, measure: FakeMeasure | None = None) -> Edit:
        await measuring_of(self.storage, self.book, self.clock, measure).one()
        return await self.editing.save(draft_id, by=ADMIN)

    async def proposed(self, wanted: Mapping[str, object], key: str = DRUGS) -> DraftId:
        return await self.editing.propose(
            EditKind.ANSWER, key, wanted, reason="Cho rõ hơn", by=ADMIN
        )

    @property
    def short(self) -> str:
        return self.editing.book.topics["drugs"].answers["main"].short[VI]


@pytest.fixture
async def desk(storage: Store, book: Book, clock: FakeClock, chance: SteadyChance) -> Desk:
    await settle(storage)
    audit = Audit(storage=storage, clock=clock)
    editing = editing_of(storage, book, audit=audit, clock=clock, chance=chance)
    return Desk(editing=editing, storage=storage, book=book, clock=clock)


def wanted(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    return {**(written_answer(DRUGS) or {}), **changes}


SHORT = {"vi": "Câu mới của xã.", "en": "A new sentence."}


async def test_what_was_looked_at_is_saved_and_brought_back_as_new_versions(desk: Desk) -> None:
    was = desk.short
    first = await desk.saved(await desk.proposed(wanted(short=SHORT)))
    assert (first.revision, first.effect) == (1, EFFECT.written)
    assert desk.short == "Câu mới của xã."
    second = await desk.saved(await desk.proposed(wanted(short={**SHORT, "vi": "Câu thứ hai."})))
    assert (second.before, desk.short) == (1, "Câu thứ hai.")

    back = await desk.editing.propose_back(second.revision, reason="Nhầm", by=ADMIN)
    third = await desk.saved(back)
    assert (third.undoes, third.before, third.value) == (2, 2, first.value)
    assert desk.short == "Câu mới của xã."
    fourth = await desk.saved(
        await desk.editing.propose_back(first.revision, reason="Nhầm", by=ADMIN)
    )
    assert (fourth.value, desk.short) == (None, was)
    history = await desk.editing.history(EditKind.ANSWER, DRUGS)
    assert [one.revision for one in history] == [4, 3, 2, 1]
    async with desk.storage.read() as work:
        acts = [one.record for one in await work.audit.newest()]
    assert [one.act for one in acts] == ["content.edit"] * 4
    assert {one.subject for one in acts} == {"answer:drugs/main"}


async def test_only_fields_that_differ_are_kept(desk: Desk) -> None:
    edit = await desk.saved(await desk.proposed(wanted(short=SHORT)))
    assert edit.value == '{"short":{"en":"A new sentence.","vi":"Câu mới của xã."}}'
    # As in the files again: nothing is laid over them.
    again = await desk.saved(await desk.proposed(wanted()))
    assert again.value is None


async def test_an_answer_of_its_own_is_added_and_taken_away(desk: Desk) -> None:
    texts = {"vi": "Tối thứ bảy họp ở nhà văn hóa.", "en": "Saturday evening, culture house."}
    examples = {"vi": ["bao giờ họp tổ"], "en": ["when is the meeting"]}
    title = {"vi": "Họp tổ", "en": "Meeting"}
    key = desk.editing.new_key("join_group")
    new = {"mark": "sure", "hand_over": "no", "law": [], "related": [], "steps": {}, "calls": {}}
    made = {**new, "title": title, "short": texts, "examples": examples}
    edit = await desk.saved(await desk.proposed(made, key))
    said = desk.editing.said(desk.editing.book, key, {})
    assert said[VI] == ("Tối thứ bảy họp ở nhà văn hóa.",)
    assert (await desk.editing.holding(EditKind.ANSWER, key)).in_files is None
    await desk.saved(await desk.editing.propose_back(edit.revision, reason="Xong", by=ADMIN))
    assert desk.editing.said(desk.editing.book, key, {}) == {}
    with pytest.raises(NotFound):
        await desk.editing.holding(EditKind.ANSWER, key)


async def test_nothing_is_saved_before_it_was_measured(desk: Desk) -> None:
    draft_id = await desk.proposed(wanted(short=SHORT))
    with pytest.raises(RuleBroken, match="edit_effect_missing"):
        await desk.editing.save(draft_id, by=ADMIN)
    # One that cannot be measured is said to be so, and can be saved.
    edit = await desk.saved(draft_id, FakeMeasure(found=None))
    assert edit.effect == ""


async def test_measuring_compares_what_holds_with_the_draft(desk: Desk) -> None:
    await desk.saved(await desk.proposed(wanted(short=SHORT)))
    measure = FakeMeasure()
    draft_id = await desk.proposed(wanted(short={**SHORT, "vi": "Câu thứ hai."}))
    await desk.saved(draft_id, measure)
    ((before, after),) = measure.asked
    assert [one.value["short"] for one in before] == [SHORT]
    assert [one.value["short"] for one in after] == [{**SHORT, "vi": "Câu thứ hai."}]


async def test_two_who_change_the_same_do_not_undo_each_other(desk: Desk) -> None:
    early = await desk.proposed(wanted(short=SHORT))
    late = await desk.proposed(wanted(short={**SHORT, "vi": "Câu thứ hai."}))
    await measuring_of(desk.storage, desk.book, desk.clock).one()
    await desk.saved(early)
    with pytest.raises(RuleBroken, match="edit_changed_meanwhile"):
        await desk.editing.save(late, by=ADMIN)
    assert desk.short == "Câu mới của xã."


async def test_a_draft_thrown_away_while_it_is_measured_stays_away(desk: Desk) -> None:
    draft_id = await desk.proposed(wanted(short=SHORT))

    class Dropping(FakeMeasure):
        async def __call__(self, *edits: Any) -> Any:  # noqa: ANN401  # as its parent
            await desk.editing.drop(draft_id, by=ADMIN)
            return EFFECT

    await measuring_of(desk.storage, desk.book, desk.clock, Dropping()).one()
    with pytest.raises(NotFound):
        await desk.editing.draft(draft_id, by=ADMIN)


WRONG = {
    "reason missing": ({}, "", "edit_reason_missing"),
    "reason too long": ({}, "x" * 301, "edit_reason_long"),
    "nothing changed": ({}, "Vì sao", "edit_changes_nothing"),
    "too long": ({"short": {"vi": "x" * 700, "en": "x"}}, "Vì sao", "edit_refused"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_would_not_do_is_refused_and_not_kept(desk: Desk, name: str) -> None:
    changes, reason, key = WRONG[name]
    with pytest.raises(RuleBroken) as refused:
        await desk.editing.propose(
            EditKind.ANSWER, DRUGS, wanted(**changes), reason=reason, by=ADMIN
        )
    assert refused.value.key == key
    if isinstance(refused.value, EditRefused):
        assert "short.vi" in {field for field, _ in refused.value.faults}
    async with desk.storage.read() as work:
        assert await work.drafts.unmeasured() is None


@pytest.mark.parametrize("role", Role)
async def test_only_admins_and_announcers_of_the_commune_change_answers(
    desk: Desk, role: Role
) -> None:
    async def tries(by: Officer) -> str:
        try:
            await desk.editing.propose(
                EditKind.ANSWER, DRUGS, wanted(short=SHORT), reason="Vì sao", by=by
            )
        except RuleBroken as broken:
            return broken.key
        return ""

    mine = replace(ADMIN, roles=frozenset({role}))
    may = role in {Role.ADMIN, Role.ANNOUNCER}
    assert await tries(mine) == ("" if may else "edit_of_commune_only")
    assert await tries(replace(mine, unit_id=UnitId(HAMLET))) == "edit_of_commune_only"


async def test_only_an_administrator_changes_a_number_to_call_in_danger(desk: Desk) -> None:
    announcer = replace(ADMIN, roles=frozenset({Role.ANNOUNCER}))

    async def propose(fact: str, by: Officer) -> DraftId:
        other = {**(written_fact(fact) or {}), "source": "Một văn bản khác"}
        return await desk.editing.propose(EditKind.FACT, fact, other, reason="Vì sao", by=by)

    assert await propose("fire_law", announcer)
    with pytest.raises(RuleBroken, match="edit_line_of_admin_only"):
        await propose("fire_number", announcer)
    draft_id = await propose("fire_number", ADMIN)
    measuring = measuring_of(desk.storage, desk.book, desk.clock)
    while await measuring.one():
        pass
    # Who administers no longer cannot save what they began.
    with pytest.raises(RuleBroken, match="edit_line_of_admin_only"):
        await desk.editing.save(draft_id, by=announcer)
    version = await desk.editing.save(draft_id, by=ADMIN)
    with pytest.raises(RuleBroken, match="edit_line_of_admin_only"):
        await desk.editing.propose_back(version.revision, reason="Nhầm", by=announcer)


async def test_a_draft_belongs_to_who_began_it(desk: Desk) -> None:
    draft_id = await desk.proposed(wanted(short=SHORT))
    other = replace(ADMIN, id=OfficerId("other"))
    for act in (desk.editing.draft, desk.editing.save, desk.editing.drop):
        with pytest.raises(NotFound):
            await act(draft_id, by=other)


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    for key in ("drugs/nothing", "nothing/main", "drugs", "../drugs/main"):
        with pytest.raises(NotFound):
            await desk.editing.holding(EditKind.ANSWER, key)
    with pytest.raises(NotFound):
        await desk.editing.holding(EditKind.FACT, "nothing")
    with pytest.raises(NotFound):
        await desk.editing.propose_back(Revision(7), reason="Vì sao", by=ADMIN)
    with pytest.raises(NotFound):
        await desk.proposed(wanted(short=SHORT), "drugs/Main thing")
    with pytest.raises(NotFound):
        desk.editing.new_key("nothing")


async def test_a_fact_tells_where_it_stands(desk: Desk) -> None:
    kinds = {one.kind for one in await desk.editing.uses("police_number")}
    assert kinds == {"answer", "sentence", "announcement", "danger"}
