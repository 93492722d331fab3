"""Connecting an account by a grant: begun by an officer, agreed to at the platform, finished here.

A grant serves once, for ten minutes, and only the browser it was begun in (any, if it was begun
at the machine). How a platform is spoken to is left to `Granting`.
"""

import asyncio
import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.errors import NotFound, StorageTrouble
from bot.core.ids import ChannelId, OfficerId
from bot.core.languages import Language
from bot.core.officers import Act, Officer
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.core.units import below
from bot.services.audit import MACHINE
from bot.services.channels.channels import Channels, merged
from bot.services.channels.grants import (
    APP_ID,
    FIXED,
    GRANT_LIFE,
    LASTING_SECRETS,
    OA_ID,
    PKCE,
    VERIFIER,
    Application,
    Fault,
    GrantFailed,
    Granting,
    GrantShelf,
    Progress,
    UnderWay,
    hashed,
    id_of,
    is_same,
    place_of,
)
from bot.services.envelopes import Envelopes

log: Final = logging.getLogger(__name__)

_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A grant just begun. `browser_key` goes into a cookie and is kept nowhere."""

    id: str
    link: str
    browser_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """What the platform sent the person back with."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    oa_id: str = ""
    refusal: str = ""


class Connecting:
    """The use case behind the console, the command line and the address Zalo calls back."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        channels: Channels,
        granting: Granting,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._shelf = GrantShelf(storage=storage, envelopes=envelopes, clock=clock, chance=chance)
        self._channels = channels
        self._granting = granting
        self._clock = clock
        self._chance = chance
        self._finishing: dict[str, asyncio.Task[None]] = {}

    async def begin(self, application: Application, *, by: str, session: bytes = b"") -> Begun:
        """Begin a grant for the officer of `session` (its token hash), or for the machine."""
        state, verifier = self._token(), self._token()
        if application.settings.get(PKCE) == FIXED:
            verifier = application.secrets.get(VERIFIER) or verifier
            secrets = {**application.secrets, VERIFIER: verifier}
            application = replace(application, secrets=secrets)
        browser_key = "" if by == MACHINE else self._token()
        grant = UnderWay(
            id=id_of(state),
            by=by,
            until=self._clock.now() + GRANT_LIFE,
            state=state,
            verifier=verifier,
            browser=hashed(browser_key) if browser_key else "",
            session=session.hex(),
            application=application,
        )
        async with self._shelf.open() as grants:
            grants.append(grant)
        return Begun(id=grant.id, link=self._link(grant), browser_key=browser_key)

    async def find(self, grant_id: str) -> UnderWay:
        """Return a grant by its id. Raise `NotFound`; also when its time is long over."""
        grants = await self._shelf.all()
        at = place_of(grant_id, grants)
        if at is None:
            raise NotFound("no such grant")
        grant = grants[at]
        if self._is_late(grant) and grant.progress is Progress.WAITING:
            return grant.failed(Fault.LATE)
        if self._is_late(grant) and grant.progress is Progress.WORKING:
            # Whoever worked on it was cut off.
            return grant.failed(Fault.BROKEN_OFF)
        return grant

    def link_of(self, grant: UnderWay, *, session: bytes) -> str:
        """Return where to agree, for the session that began. Raise `NotFound` for others."""
        if grant.progress is not Progress.WAITING or not is_same(grant.session, session.hex()):
            raise NotFound("no such grant")
        return self._link(grant)

    async def called_back(self, back: CallBack, *, browser_key: str) -> str:
        """Take what the platform sent; return the id under which the outcome is found.

        The exchange goes on after this returns. Raise `GrantFailed` if it is nobody's.
        """
        async with self._shelf.open() as grants:
            at = place_of(id_of(back.state), grants)
            if at is None:
                raise GrantFailed(Fault.UNKNOWN)
            if grants[at].browser and not is_same(hashed(browser_key), grants[at].browser):
                # Not used up: the right browser may still bring it.
                raise GrantFailed(Fault.OTHER_BROWSER)
            # Whoever comes a second time is only shown what came of the first.
            is_first = grants[at].progress is Progress.WAITING
            if is_first:
                grants[at] = self._taken(grants[at], back)
            grant = grants[at]
        if is_first and grant.progress is Progress.WORKING:
            # The visitor may leave; the code works once, so its work outlives the request.
            task = asyncio.get_running_loop().create_task(self._finish(grant, back))
            self._finishing[grant.id] = task
            task.add_done_callback(lambda _: self._finishing.pop(grant.id, None))
        return grant.id

    async def wait_for(self, grant_id: str, *, at_most_s: float) -> None:
        """Wait a little for an exchange under way in this process."""
        if task := self._finishing.get(grant_id):
            await asyncio.wait({task}, timeout=at_most_s)

    async def forget_old(self) -> None:
        """Forget grants nobody finished."""
        await self._shelf.forget_old()

    async def close(self) -> None:
        """Wait for the exchanges under way: each holds a pair that comes only once."""
        if self._finishing:
            await asyncio.wait(self._finishing.values())

    def words(self, fault: Fault, code: str, language: Language) -> str:
        """Return what went wrong with a grant and what to do."""
        return self._granting.words(fault, code, language)

    async def keep(self, application: Application, *, by: str) -> tuple[ChannelAccount, bool]:
        """Add the account, or give a known one its new secrets: people belong to its id.

        Return it, and whether it was known.
        """
        known = await self._known(application.settings[OA_ID])
        if known is not None:
            account = await self._channels.reconnect(
                known.id,
                settings=merged(known, application.settings),
                credentials=application.secrets,
                by=by,
            )
            return account, True
        account = await self._channels.add(
            kind=ChannelKind.ZALO,
            unit_id=application.unit_id,
            name=application.name or application.settings[OA_ID],
            settings=application.settings,
            credentials=application.secrets,
            by=by,
        )
        return account, False

    async def give_pair(self, channel_id: ChannelId, pair: Mapping[str, str], *, by: str) -> None:
        """Give a known account a pair pasted by hand; how old it is nobody knows."""
        held = await self._channels.secrets(channel_id)
        lasting = {name: held[name] for name in LASTING_SECRETS if name in held}
        for account in await self._channels.accounts():
            if account.id == channel_id:
                await self._channels.reconnect(
                    channel_id, settings=account.settings, credentials={**lasting, **pair}, by=by
                )

    # --- one grant ---------------------------------------------------------------------------

    def _taken(self, grant: UnderWay, back: CallBack) -> UnderWay:
        """Return the grant after the first call for it, so that no second one can use it."""
        if self._is_late(grant):
            return grant.failed(Fault.LATE)
        if not back.code:
            return grant.failed(Fault.REFUSED, back.refusal)
        wanted = grant.application.oa_id if grant.application else ""
        if wanted and back.oa_id and back.oa_id != wanted:
            # Seen before the code is used, so the other account keeps the pair it has.
            return grant.failed(Fault.OTHER_ACCOUNT)
        return replace(grant, progress=Progress.WORKING)

    async def _finish(self, grant: UnderWay, back: CallBack) -> None:
        try:
            end = await self._connected(grant, back)
        except GrantFailed as failed:
            end = grant.failed(failed.fault, failed.code)
        except Exception:  # an edge: whoever waits must be told
            log.exception("connecting.failed")
            end = grant.failed(Fault.BROKEN_OFF)
        try:
            async with self._shelf.open() as grants:
                grants[:] = [end if one.id == end.id else one for one in grants]
        except StorageTrouble:
            # Whoever looks is told so once the time is over.
            log.exception("connecting.failed")

    async def _connected(self, grant: UnderWay, back: CallBack) -> UnderWay:
        application = grant.application
        if application is None:
            raise GrantFailed(Fault.BROKEN_OFF)
        officer = await self._checked_officer(grant)
        pair = await self._granting.exchange(application, code=back.code, verifier=grant.verifier)
        oa_id, name = await self._granting.whose(application, pair)
        oa_id = oa_id or back.oa_id or application.oa_id
        if not oa_id:
            raise GrantFailed(Fault.NO_ACCOUNT)
        if application.oa_id and oa_id != application.oa_id:
            await self._keep_of_other(oa_id, pair, application)
            raise GrantFailed(Fault.OTHER_ACCOUNT)
        known = await self._known(oa_id)
        if known is not None and officer and not await self._sees(officer, known):
            await self._keep_of_other(oa_id, pair, application)
            raise GrantFailed(Fault.ELSEWHERE)
        granted = replace(
            application,
            settings={**application.settings, OA_ID: oa_id},
            secrets={**application.secrets, **pair},
            name=application.name or name or oa_id,
        )
        account, _ = await self.keep(granted, by=grant.by)
        return grant.connected(account.id, account.name)

    async def _keep_of_other(
        self, oa_id: str, pair: Mapping[str, str], application: Application
    ) -> None:
        """Keep a pair that came out for another account of ours: its old one is dead now."""
        known = await self._known(oa_id)
        if known is not None and known.settings.get(APP_ID) == application.settings[APP_ID]:
            held = await self._channels.secrets(known.id)
            await self._channels.reconnect(
                known.id, settings=known.settings, credentials={**held, **pair}, by=MACHINE
            )

    async def _known(self, oa_id: str) -> ChannelAccount | None:
        for account in await self._channels.accounts():
            if account.kind is ChannelKind.ZALO and account.settings.get(OA_ID) == oa_id:
                return account
        return None

    async def _checked_officer(self, grant: UnderWay) -> Officer | None:
        """Return who began, None for the machine.

        Raise `GrantFailed` if they have signed out, or may not do this any more.
        """
        if grant.is_of_machine:
            return None
        async with self._storage.read() as work:
            session = await work.sessions.get(bytes.fromhex(grant.session))
            if session is not None:
                officer = await work.officers.get(OfficerId(session.officer_id))
                if officer.is_active and officer.may(Act.ADMINISTER):
                    return officer
        raise GrantFailed(Fault.SIGNED_OUT)

    async def _sees(self, officer: Officer, account: ChannelAccount) -> bool:
        async with self._storage.read() as work:
            return account.unit_id in below(officer.unit_id, await work.units.all())

    def _link(self, grant: UnderWay) -> str:
        settings = grant.application.settings if grant.application else {}
        return self._granting.link(settings, state=grant.state, verifier=grant.verifier)

    def _is_late(self, grant: UnderWay) -> bool:
        return self._clock.now() >= grant.until

    def _token(self) -> str:
        """Return 43 signs nobody can guess: an anti-forgery value, or a proof (RFC 7636 4.1)."""
        return base64.urlsafe_b64encode(self._chance.token(_SECRET_BYTES)).decode().rstrip("=")
