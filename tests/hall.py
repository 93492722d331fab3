"""A commune that is set up, for tests of who can open tips."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.app.officers import OfficerServices
from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.officers import KeyHolder, Officer, Role
from bot.core.tips import Report, TipCategory
from bot.core.units import Unit
from bot.services.audit import MACHINE
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.sign_ins import SignedIn
from bot.services.officers.tries import Place
from bot.services.tips.reading.access import Reader
from tests.builders.town import PASSWORD, Town

OTHER_PASSWORD = "một mật khẩu khác hẳn"
HERE = Place(address="office")
MODERATOR = frozenset({Role.MODERATOR})
ADMIN = frozenset({Role.ADMIN})
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A commune that is set up: its administrator reads no tips; its paper is at hand."""

    town: Town
    chief: Officer
    paper: str

    @property
    def desk(self) -> OfficerServices:
        """Return the use cases about officers and keys."""
        return self.town.officer_services

    async def officer(
        self, login: str, roles: frozenset[Role] = MODERATOR, *, unit: Unit | None = None
    ) -> Officer:
        """Add an officer whose password is `PASSWORD`."""
        new = NewOfficer(
            login=login,
            name=f"Cán bộ {login}",
            password=PASSWORD,
            unit_id=(unit or self.town.commune).id,
            roles=roles,
        )
        return await self.town.officers.add(new, by=MACHINE)

    async def signed_in(self, login: str, password: str = PASSWORD) -> SignedIn:
        """Sign somebody in."""
        found = await self.town.sign_ins.sign_in(login, password)
        assert found is not None
        return found

    async def reader(self, login: str, password: str = PASSWORD) -> Reader:
        """Sign a moderator in; return the key in hand."""
        reader = self.town.sign_ins.reader(await self.signed_in(login, password))
        assert reader is not None
        return reader

    async def tip(self, *, unit: Unit | None = None, about_officer: bool = False) -> TipId:
        """Let somebody send a tip to the hamlet."""
        report = Report(category=TipCategory.FIRE, what="Có khói ở kho sau chợ")
        submission = await self.town.receiving.intake.submit(
            report, unit or self.town.hamlet, about_officer=about_officer
        )
        async with self.town.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        async with self.town.storage.read() as work:
            tip = await work.tips.by_locator(submission.receipt.locator)
        assert tip is not None
        return tip.id

    async def opens(self, reader: Reader, tip_id: TipId) -> bool:
        """Tell whether a tip is sealed to the reader; it must then say what was written."""
        try:
            opened = await self.town.reading.desk.open(tip_id, reader)
        except RuleBroken as broken:
            if broken.key != "tip_not_sealed_to_you":
                raise
            return False
        return opened.report.what == "Có khói ở kho sau chợ"

    async def holder(self, officer: Officer) -> KeyHolder:
        """Return the officer's living key."""
        async with self.town.storage.read() as work:
            living, *_ = await work.officers.holders_of(officer.id)
        return living

    async def missing(self, officer: Officer) -> int:
        """Return how many tips the officer ought to open and cannot."""
        (line,) = await self.desk.key_care.lines(None, only=officer.id)
        return line.missing

    async def acts(self) -> list[str]:
        """Return what the audit chain says was done, oldest first."""
        return [one.record.act for one in reversed(await self.town.audit.newest(limit=1000))]


async def open_hall(town: Town) -> Hall:
    """Set a town up; return it when the proof of the paper at set-up has grown old."""
    await town.founded()
    token = town.vault.setup.token
    paper = town.setting_up.recovery_key(token).whole
    new = NewOfficer(
        login="chief", name="Trưởng", password=PASSWORD, unit_id=town.commune.id, roles=ADMIN
    )
    # Set-up makes a holder of whoever does it; this one reads no tips afterwards.
    chief = await town.setting_up.finish(token, replace(new, roles=ADMIN | MODERATOR))
    chief = await town.officer_services.staff.set_roles(chief.id, ADMIN, by=MACHINE)
    town.clock.advance(timedelta(days=31))
    return Hall(town=town, chief=chief, paper=paper)
