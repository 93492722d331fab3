"""What is done about officers and their keys, to be cut off anywhere.

Whatever is cut off, whoever could open the tip before, and was not let go, opens it afterwards
with one of the passwords that were ever typed.
"""

from collections.abc import Sequence
from pathlib import Path

from bot.core.ids import OfficerId
from bot.core.officers import HolderKind, Officer, Role
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.sign_ins import SignedIn
from bot.services.officers.tries import Place
from bot.vault.paper import Paper
from tests.builders.town import PASSWORD
from tests.tips.acts import Act, Look
from tests.tips.stage import Stage, commune_of, keep_paper, papers_in

ANOTHER = "năm từ khác dễ nhớ hơn"
_BY = "test"


async def _new(stage: Stage) -> NewOfficer:
    commune = await commune_of(stage.program)
    return NewOfficer(
        login=stage.facts["login"],
        name="Cán Bộ Mới",
        password=PASSWORD,
        unit_id=commune.id,
        roles=frozenset({Role.MODERATOR}),
    )


async def _sent(stage: Stage) -> None:
    stage.facts["login"] = stage.chat
    await stage.sent()


async def _joined(stage: Stage) -> None:
    await stage.program.officer_services.officers.add(await _new(stage), by=_BY)


async def _there(stage: Stage) -> None:
    """Let an officer be there, to whom the tip is sealed like to the others."""
    stage.facts["login"] = stage.chat
    await _joined(stage)
    await stage.sent()


async def _there_without_key(stage: Stage) -> None:
    """Let an officer be there who came after the tip."""
    await _sent(stage)
    await _joined(stage)


async def _officer(stage: Stage) -> Officer:
    async with stage.program.storage.read() as work:
        officer = await work.officers.by_login(stage.facts["login"])
    assert officer is not None
    return officer


async def _officer_id(stage: Stage) -> OfficerId:
    return (await _officer(stage)).id


async def _signed_in(stage: Stage) -> None:
    await _there(stage)
    signed_in = await stage.program.officer_services.sign_ins.sign_in(
        stage.chat, PASSWORD, place=_place(stage)
    )
    assert signed_in is not None
    stage.facts["token"] = signed_in.token


def _place(stage: Stage) -> Place:
    return Place(address=stage.chat)


async def _session(stage: Stage) -> SignedIn:
    signed_in = await stage.program.officer_services.sign_ins.session(stage.facts["token"])
    assert signed_in is not None
    return signed_in


async def _left(stage: Stage) -> None:
    await stage.program.officer_services.staff.leave(await _officer_id(stage), by=_BY)


async def _role_lost(stage: Stage) -> None:
    roles = frozenset({Role.ANNOUNCER})
    staff = stage.program.officer_services.staff
    await staff.set_roles(await _officer_id(stage), roles, by=_BY)


async def _password_changed(stage: Stage) -> None:
    account = stage.program.officer_services.own_account
    await account.change_password(await _session(stage), PASSWORD, ANOTHER, place=_place(stage))


async def _rotated(stage: Stage) -> None:
    account = stage.program.officer_services.own_account
    await account.rotate(await _session(stage), PASSWORD, place=_place(stage))


async def _signs_in(stage: Stage) -> None:
    sign_ins = stage.program.officer_services.sign_ins
    signed_in = await sign_ins.sign_in(stage.chat, PASSWORD, place=_place(stage))
    assert signed_in is not None


async def _linked(stage: Stage) -> None:
    await _there(stage)
    staff = stage.program.officer_services.staff
    stage.facts["link"] = await staff.link(await _officer_id(stage), by=_BY)


async def _link_used(stage: Stage) -> None:
    await stage.program.officer_services.staff.use_link(stage.facts["link"], ANOTHER)


async def _paper(stage: Stage) -> str:
    """Return the paper in the safe that is the recovery key of today."""
    async with stage.program.storage.read() as work:
        known = {
            one.public_key
            for one in await work.officers.holders()
            if one.kind is HolderKind.RECOVERY
        }
    public_of = stage.program.vault.officers.public_of
    fitting = [one for one in _safe(stage) if public_of(Paper().read([one])) in known]
    return fitting[0]


def _safe(stage: Stage) -> list[str]:
    return papers_in(Path(stage.program.config.data_dir))


async def _recovered(stage: Stage) -> None:
    recovery = stage.program.officer_services.recovery
    await recovery.give([await _paper(stage)], await _officer_id(stage), by=_BY)


async def _with_a_new_paper(stage: Stage) -> None:
    await _sent(stage)
    new = stage.program.officer_services.recovery.new_paper()
    stage.facts |= {"old": await _paper(stage), "new": new.whole}
    keep_paper(Path(stage.program.config.data_dir), new.whole)


async def _exchanged(stage: Stage) -> None:
    recovery = stage.program.officer_services.recovery
    facts = stage.facts
    await recovery.exchange([facts["new"]], by=_BY, old_sheets=[facts["old"]])


async def _exchanged_at_last(stage: Stage) -> None:
    """Do it again as somebody would who saw the page fail: the old paper may be gone by now."""
    recovery = stage.program.officer_services.recovery
    async with stage.program.storage.read() as work:
        known = {one.public_key for one in await work.officers.holders()}
    public = stage.program.vault.officers.public_of(Paper().read([stage.facts["old"]]))
    old = [stage.facts["old"]] if public in known else []
    await recovery.exchange(
        [stage.facts["new"]], by=_BY, old_sheets=old, reader=None if old else stage.reader
    )


async def _checked(stage: Stage) -> None:
    await stage.program.officer_services.recovery.check([await _paper(stage)], by=_BY)


def _still_opens(look: Look) -> bool:
    return bool(look["officer"]["opens"])


KEYS: Sequence[Act] = (
    Act(id="join", prepare=_sent, does=_joined),
    Act(id="leave", prepare=_there, does=_left),
    Act(id="lose the role", prepare=_there, does=_role_lost),
    Act(id="change the password", prepare=_signed_in, does=_password_changed),
    Act(
        id="change the pair",
        prepare=_signed_in,
        does=_rotated,
        between=_still_opens,
        # The next sign-in goes on with it.
        finished=_signs_in,
    ),
    Act(id="use the link", prepare=_linked, does=_link_used),
    Act(
        id="recover",
        prepare=_there_without_key,
        does=_recovered,
        between=lambda look: not look["officer"]["opens"],
        finished=_recovered,
    ),
    Act(id="check the paper", prepare=_sent, does=_checked),
    Act(
        id="change the paper",
        prepare=_with_a_new_paper,
        does=_exchanged,
        # One of the papers in the safe opens the tip at any moment.
        between=lambda look: bool(look["papers"]),
        finished=_exchanged_at_last,
    ),
)
