"""An invented commune with something on every page. Every name and number is made up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.api_tokens import Scope
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.groups import Group, GroupState
from bot.core.hooks import OFFERED, CallState, HookCall, HookEvent, HookState
from bot.core.ids import (
    AnnouncementId,
    ApiTokenId,
    ChannelId,
    GroupId,
    HandoverId,
    HookCallId,
    HookId,
    HouseholdId,
)
from bot.core.inbox import InboxRow
from bot.core.messages import Contact, Incoming, IncomingKind
from bot.core.officers import Role
from bot.core.sending import Reason
from bot.core.units import Household, Unit, UnitKind
from bot.services.announcements.announcing import Wording
from bot.services.announcements.failing import FailureWatch
from bot.services.api.tokens import NewToken
from bot.services.channels.channels import WEB
from bot.services.hooks.hooks import NewHook
from bot.services.units.units import UnitRow
from tests.console.handed_over import asked
from tests.console.rig import Rig
from tests.pictures import picture

CHIEF = "lan.an"
_TIPS = (
    "Có người gọi điện tự xưng công an, đòi chuyển 50 triệu để khỏi bị bắt.",
    "Quán cuối ngõ tụ tập đánh bạc cá độ, khuya mới tan, hôm nào cũng có xe lạ đến.",
    "Nhà bỏ hoang đầu xóm có thanh niên lạ ra vào lúc nửa đêm, bà con rất lo.",
)


async def build_town(rig: Rig) -> dict[str, str]:
    """Fill the commune; return the pages to look at, name -> path."""
    await _people(rig)
    broken = await rig.channel(
        "Zalo OA xã Minh Họa", trouble="Mã truy cập đã hết hạn. Nối lại tài khoản."
    )
    tips = [await rig.tip(text, is_urgent=number == 1) for number, text in enumerate(_TIPS)]
    await _set_aside(rig)
    group = await _groups(rig, broken)
    for number in range(3):
        await _call_back(rig, number)
    handover = await _handovers(rig)
    sending, finished, overdue, draft, held = await _announcements(rig)
    token, hook = await _tokens(rig), await _hooks(rig)
    return {
        "overview": "",
        "tips": "/tin-bao",
        "tips-empty": "/tin-bao?loc=da-dong",
        "tips-filtered": "/tin-bao?khan=1&moi=1",
        "tips-search": "/tin-bao/tim",
        "tips-assisted": "/tin-bao/ghi-giup",
        "tip-pictures": f"/tin-bao/{tips[1].id}/anh",
        "tip": f"/tin-bao/{tips[1].id}",
        "announcements": "/thong-bao",
        "form": "/thong-bao/moi",
        "send": f"/thong-bao/{draft}/gui",
        "draft": f"/thong-bao/{draft}",
        "correct": f"/thong-bao/{finished}/dinh-chinh",
        "recall": f"/thong-bao/{finished}/thu-hoi",
        "sending": f"/thong-bao/{sending}",
        "cancel": f"/thong-bao/{sending}/huy",
        "finished": f"/thong-bao/{finished}",
        "overdue": f"/thong-bao/{overdue}",
        "held": f"/thong-bao/{held}",
        "results": f"/thong-bao/{held}/ket-qua",
        "results-reason": f"/thong-bao/{held}/ket-qua?loc=khong-gui-duoc&ly-do=blocked",
        "results-houses": f"/thong-bao/{held}/ket-qua?loc=ho",
        "results-empty": f"/thong-bao/{held}/ket-qua?loc=nhan-thay",
        "groups": "/nhom",
        "group": f"/nhom/{group}",
        "group-make": "/nhom/lap",
        "call-backs": "/goi-lai",
        "handovers": "/hoi-can-bo",
        "handovers-done": "/hoi-can-bo?loc=xong",
        "handover": f"/hoi-can-bo/{handover}",
        "channels": "/kenh",
        "channel-new": "/kenh/zalo/moi",
        "channel-domain": "/kenh/ten-mien",
        "channel-change": f"/kenh/{broken}/sua",
        "channel-remove": f"/kenh/{broken}/bo",
        "units": "/don-vi",
        "unit": f"/don-vi/{rig.commune.id}",
        "officers": "/can-bo",
        "tokens": "/khoa-api",
        "hooks": "/he-thong-khac",
        "hook-remove": f"/he-thong-khac/{hook}/bo",
        "token-revoke": f"/khoa-api/{token}/thu-hoi",
        "set-aside": "/tin-gac-lai",
        "audit": "/nhat-ky",
        "channel-price": f"/kenh/{broken}/gia",
        "missing": f"/kenh/{broken}",
    }


async def _call_back(rig: Rig, number: int) -> None:
    """Let somebody leave a number to be called back."""
    contact = Contact(name=f"Người Minh Họa {number}", phone=f"0900 000 00{number}")
    left = Incoming(
        channel_id=WEB,
        event_id=f"call-{number}",
        kind=IncomingKind.CONTACT,
        chat=f"chat-{number}",
        contact=contact,
    )
    async with rig.storage.begin() as work:
        key = rig.envelopes.conversation(WEB, left.chat)
        await rig.services.call_backs.heard(work, left, key)
        await work.commit()


async def _handovers(rig: Rig) -> str:
    """Let two people ask for an officer, who has answered the first; return that one."""
    to_1 = await rig.services.units.by_code("to-1")
    chief = next(one for one in await rig.services.officers.all() if one.login == CHIEF)
    first = HandoverId(
        await asked(
            rig,
            to_1,
            "chat-asks",
            "Cho em hỏi làm lại căn cước cho bà cụ 90 tuổi không đi được thì làm ở đâu ạ",
            "Bà cụ nằm một chỗ, nhà neo người quá",
        )
    )
    await rig.handovers.desk.answer(first, chief, "Chào chị, chúng tôi đến tận nhà làm được.")
    await asked(rig, to_1, "chat-waits", "alo có ai không")
    await asked(rig, rig.commune, "chat-waits-too", "xin hỏi")
    return first


async def _groups(rig: Rig, channel_id: ChannelId) -> GroupId:
    """Keep a group that is well, one that lapses soon, one nobody linked; return the second."""
    soon = (rig.clock.now() + timedelta(days=9)).date()
    to_1 = (await rig.services.units.by_code("to-1")).id
    groups = [
        Group(
            id=GroupId(f"group-{number}"),
            channel_id=channel_id,
            chat=f"chat-{number}",
            name=name,
            unit_id=to_1 if number else None,
            state=GroupState.LINKED if number else GroupState.SEEN,
            members=41 * number,
            most_members=100 if number else 0,
            invite_url="https://zalo.me/g/minhhoa" if number else "",
            lapses_on=soon if number == 1 else None,
            seen_at=rig.clock.now(),
        )
        for number, name in enumerate(("", "An ninh tổ 1 (minh họa)", "Bà con tổ 1 (minh họa)"))
    ]
    async with rig.storage.begin() as work:
        for group in groups:
            await work.groups.save(group)
        await work.commit()
    return groups[1].id


async def _people(rig: Rig) -> None:
    rows = [
        UnitRow(
            code=f"to-{number}",
            name=f"Tổ dân phố {number} (minh họa)",
            kind=UnitKind.NEIGHBOURHOOD,
            households=180 + 37 * number,
        )
        for number in range(1, 5)
    ]
    units = await rig.services.units.add(rows, by="machine")
    contacts = {"duty_phone": "0200 000 113", "area_officer": "Trần Văn Minh Họa"}
    await rig.services.units.set_contacts(rig.commune.id, "Xã Minh Họa", contacts, by="machine")
    for number in range(24):
        await rig.joined(units[number % 3], f"chat-{number}")
    await _households(rig, units)
    await rig.officer(CHIEF, Role.ADMIN, Role.ANNOUNCER, Role.APPROVER, Role.MODERATOR)
    await rig.officer("minh.to1", Role.ANNOUNCER, unit=units[0])
    await rig.officer("hoa.truc", Role.VIEWER)


async def _households(rig: Rig, units: Sequence[Unit]) -> None:
    """Let each who joined live in a household of their own; in three households nobody joined."""
    async with rig.storage.begin() as work:
        for number in range(27):
            household = Household(
                id=HouseholdId(f"h{number}"),
                unit_id=units[number % 3].id,
                code=f"H{number:03}",
                address=f"Số {number + 1}, ngõ {number % 7 + 1}, đường Minh Họa",
                join_code=f"HJ{number}",
            )
            await work.households.save_many([household])
            person = await work.people.find(WEB, f"chat-{number}")
            if person is not None:
                await work.people.save(replace(person, household_id=household.id))
        await work.commit()


async def _announcements(rig: Rig) -> tuple[str, str, str, str, str]:
    """Write one of each kind: being sent, finished, overdue, draft, held by the program."""
    announcements = rig.services.announcements

    async def written(
        title: str, text: str, *, due_at: datetime | None = None, is_urgent: bool = False
    ) -> AnnouncementId:
        wording = Wording(
            unit_id=rig.commune.id, title=title, text=text, is_urgent=is_urgent, due_at=due_at
        )
        return (await announcements.write(wording, by=None)).id

    soon = rig.clock.now() + timedelta(minutes=30)
    overdue = await written("Họp tổ dân phố tối nay", "19 giờ 30, nhà văn hóa.", due_at=soon)
    await announcements.release(overdue, by=None)
    rig.clock.advance(timedelta(hours=2))
    await announcements.start_due()
    finished = await written("Tuần tra đêm từ 20/11", "Thấy lạ, gọi 0200 000 113.")
    await announcements.release(finished, by=None)
    await _settle(rig, 24, unknown=2, failed=3)
    held = await written("Diễn tập chữa cháy sáng Chủ nhật", "8 giờ, sân nhà văn hóa.")
    await announcements.release(held, by=None)
    rig.clock.advance(timedelta(minutes=1))
    await _settle(rig, 22, unknown=4, failed=9)
    watch = FailureWatch(
        storage=rig.storage,
        audit=rig.services.audit,
        notices=rig.services.notices,
        clock=rig.clock,
    )
    assert await watch.look() == 1
    sending = await written(
        "Giả danh công an gọi điện lừa tiền",
        "Công an không làm việc qua điện thoại.\nĐừng chuyển tiền, đừng đọc mã.",
        is_urgent=True,
    )
    await announcements.release(sending, by=None)
    rig.clock.advance(timedelta(minutes=2))
    await _settle(rig, 9, failed=1)
    draft = await written("Cắt điện sáng thứ Bảy", "Từ 7 giờ đến 11 giờ.")
    kept = await rig.services.attachments.keep("x.jpg", picture((900, 600), colour="#8fb8a8"))
    with_picture = Wording(
        unit_id=rig.commune.id,
        title="Cắt điện sáng thứ Bảy",
        text="Từ 7 giờ đến 11 giờ.",
        attachment_id=kept.id,
    )
    await announcements.revise(draft, with_picture, by=None)
    return sending, finished, overdue, draft, held


async def _settle(rig: Rig, count: int, *, unknown: int = 0, failed: int = 0) -> None:
    now = rig.clock.now()
    until = now + timedelta(minutes=5)
    async with rig.storage.begin() as work:
        rows = await work.deliveries.claim(
            WEB, list(Lane), count, owner="town", now=now, lease_until=until
        )
        ids = [row.id for row in rows]
        await work.deliveries.mark_sending(ids, owner="town", attempt_id="a", now=now, until=until)
        ends = [(DeliveryState.UNKNOWN, Reason.NO_ANSWER)] * unknown
        ends += [(DeliveryState.FAILED, Reason.BLOCKED)] * failed
        outcomes = [
            Outcome(
                delivery_id=one,
                attempt_id="a",
                state=ends[place][0] if place < len(ends) else DeliveryState.SENT,
                reason=ends[place][1] if place < len(ends) else None,
            )
            for place, one in enumerate(ids)
        ]
        await work.deliveries.record(outcomes, at=now)
        await work.commit()


async def _tokens(rig: Rig) -> ApiTokenId:
    """Make a token that works and one that was revoked; return the first."""
    officers = {one.login: one for one in await rig.services.officers.all()}
    tokens = rig.services.api_tokens
    wanted = NewToken(name="Hệ thống điều hành tỉnh (minh họa)", scopes=frozenset(Scope))
    made = (await tokens.make(officers[CHIEF], wanted, by="machine")).token
    old = NewToken(name="Máy cũ", scopes=frozenset({Scope.WRITE}))
    revoked = (await tokens.make(officers["minh.to1"], old, by="machine")).token
    await tokens.revoke(revoked.id, by=None)
    return made.id


async def _hooks(rig: Rig) -> HookId:
    """Add an address that is well, one in trouble, one that wants no more; return the first."""
    keeper = next(one for one in await rig.services.officers.all() if one.login == CHIEF)
    urls = (
        "https://dieuhanh.minhhoa.example.vn/webhooks/binh-yen/xa-minh-hoa?nguon=binhyen",
        "https://cu.minhhoa.example.vn/bao",
        "https://moi.minhhoa.example.vn/bao",
    )
    hooks = [
        (
            await rig.services.hooks.add(
                NewHook(unit_id=rig.commune.id, url=url, events=frozenset(OFFERED)), by=keeper
            )
        ).hook
        for url in urls
    ]
    async with rig.storage.begin() as work:
        await work.hooks.save(replace(hooks[1], state=HookState.OFF, trouble="answered_410"))
        await work.hooks.save(replace(hooks[2], trouble="no_connection"))
        calls = [
            HookCall(
                id=HookCallId(f"msg_{number}"),
                hook_id=hooks[2].id,
                event=HookEvent.TIP_RECEIVED,
                body=b"{}",
                not_before=rig.clock.now(),
                state=CallState.WAITING if number else CallState.GIVEN_UP,
            )
            for number in range(3)
        ]
        await work.hook_calls.add(calls)
        await work.commit()
    return hooks[0].id


async def _set_aside(rig: Rig) -> None:
    now = rig.clock.now()
    incoming = Incoming(channel_id=WEB, event_id="1", kind=IncomingKind.TEXT, chat="c", text="?")
    await rig.storage.accept([rig.envelopes.arrival(incoming)])
    async with rig.storage.begin() as work:
        rows: list[InboxRow] = await work.inbox.claim(
            1, owner="town", now=now, lease_until=now + timedelta(minutes=1)
        )
        await work.inbox.set_aside(rows[0].id, error="UnicodeError", at=now)
        await work.commit()
