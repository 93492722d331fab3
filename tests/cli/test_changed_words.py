"""What officers changed counts at the machine, too; what no longer fits is named by the doctor."""

import asyncio
from typing import Any

from bot.core.edits import Edit, EditKind, Revision
from bot.core.ids import OfficerId
from tests.cli.conftest import Machine
from tests.storage import nouns


async def changed(machine: Machine, values: dict[str, str]) -> None:
    async with machine.program() as program, program.storage.begin() as work:
        (unit, *_) = await work.units.all()
        officer = nouns.officer("officer", unit_id=unit.id)
        await work.officers.save(officer)
        for number, (key, value) in enumerate(values.items(), start=1):
            made: dict[str, Any] = {"kind": EditKind.ANSWER, "reason": "Thử", "at": nouns.NOON}
            revision = Revision(number)
            by = OfficerId("officer")
            await work.edits.append(
                Edit(**made, revision=revision, key=key, value=value, officer_id=by)
            )
        await work.commit()


def test_questions_are_answered_with_what_officers_changed(commune: Machine) -> None:
    value = '{"short":{"vi":"Câu của xã ta.","en":"Ours."}}'
    asyncio.run(changed(commune, {"fire_safety/main": value, "gone/main": "{}"}))
    ended = commune("ask", "phòng cháy chữa cháy trong nhà như thế nào")
    assert (ended.status, "Câu của xã ta." in ended.out) == (0, True)
    checks = commune("doctor", "--json").document["checks"]
    (found,) = [one for one in checks if one["name"] == "changed words"]
    assert not found["is_well"]
    assert "answer gone/main" in found["what"]
    assert "undo" in found["fix"]
