"""What officers have changed of the answers, what waits to be saved, what was not understood."""

from datetime import date

from bot.core.edits import DraftId, EditKind
from tests.console.rig import BOOK, Rig
from tests.console.town import CHIEF
from tests.edit_builder import measuring_of

PAGE = "/cau-tra-loi"
UNKNOWN = {
    "bao giờ có tiền trợ cấp … cao tuổi": 7,
    "chỗ … có nhận sửa ống nước hay không mà gọi hoài chẳng có ai trả lời vậy bà con": 1,
}


async def build_edits(rig: Rig) -> dict[str, str]:
    """Change an answer and a fact; return the pages to look at, name -> path."""
    async with rig.storage.begin() as work:
        await work.unknown_questions.add(UNKNOWN, date(2026, 11, 21))
        await work.commit()
    saved = await _proposed(rig, "Gọi công an xã trước (minh họa).")
    await measuring_of(rig.storage, BOOK, rig.clock).one()
    chief = next(one for one in await rig.services.officers.all() if one.login == CHIEF)
    version = await rig.services.editing.save(saved, by=chief)
    draft = await _proposed(rig, "Câu thứ hai, chưa ai lưu (minh họa).")
    await measuring_of(rig.storage, BOOK, rig.clock).one()
    unmeasured = await _proposed(rig, "Câu thứ ba, chưa đo (minh họa).")
    return {
        "answers": PAGE,
        "answers-found": f"{PAGE}?tim=ma",
        "answer": f"{PAGE}/muc/drugs/main",
        "answer-form": f"{PAGE}/muc/drugs/main/sua",
        "answer-new": f"{PAGE}/them/drugs",
        "edit-draft": f"{PAGE}/nhap/{draft}",
        "edit-unmeasured": f"{PAGE}/nhap/{unmeasured}",
        "edit-history": f"{PAGE}/lich-su",
        "edit-version": f"{PAGE}/lich-su/{version.revision}",
        "facts": f"{PAGE}/so-lieu",
        "fact": f"{PAGE}/so-lieu/fire_law",
        "fact-form": f"{PAGE}/so-lieu/fire_law/sua",
        "unknown-questions": f"{PAGE}/chua-hieu",
    }


async def _proposed(rig: Rig, short: str) -> DraftId:
    chief = next(one for one in await rig.services.officers.all() if one.login == CHIEF)
    editing, key = rig.services.editing, "drugs/main"
    holding = await editing.holding(EditKind.ANSWER, key)
    wanted = {**holding.written, "short": {"vi": short, "en": "Call the police first (made up)."}}
    return await editing.propose(EditKind.ANSWER, key, wanted, reason="Thử xem", by=chief)
