"""The HTTP server of one process: public pages, webhooks, resident chat and console, joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.app.announcing import (
    made_amendments,
    made_approvals,
    made_attachments,
    made_reaches,
    made_results,
    made_texts,
    made_trials,
    offered_topics,
)
from bot.app.api import made_api, made_api_tokens, made_hooks
from bot.app.auditing import made_audit_view
from bot.app.editing import made_editing, made_unknown_questions
from bot.app.joining import join_links
from bot.app.locking import ServeRole
from bot.app.mailing import made_mail_addresses
from bot.app.program import Program
from bot.app.tipping import made_assisted_entry
from bot.channels.web import STATIC, TEMPLATES
from bot.channels.web.routes import LISTEN_PATH, Chat
from bot.channels.zalo.grant import STATE_PLACE
from bot.core.channels import AccountState
from bot.services.announcements.published import Published
from bot.services.channels.channels import WEB
from bot.services.conversations.reception import Reception
from bot.services.units.inspectorates import Inspectorates
from bot.web.addresses import address_of, crowd_of
from bot.web.assets import Assets
from bot.web.connecting import ConnectingPages
from bot.web.doors import WebDoors
from bot.web.health import HealthCheck
from bot.web.metrics import PrometheusMeter
from bot.web.pages import Pages
from bot.web.server import build_server
from console.services import ConsoleServices
from console.site import LONG, console_app

# A village may knock at once; for whom there is no place, the next try comes a second later.
AT_THE_DOOR: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Serves:
    """What a process shows to the outside."""

    program: Program
    parts: Sequence[ServeRole]
    reception: Reception
    meter: PrometheusMeter
    checks: Sequence[HealthCheck]
    is_demo: bool


def made_server(serves: Serves) -> web.Application:
    """Return the server, ready to listen."""
    program = serves.program
    config = program.config
    assets = Assets.load(STATIC)
    pages = Pages(
        book=program.book,
        units=program.units,
        assets=assets,
        zone=config.timezone,
        folders=(TEMPLATES,),
        is_demo=serves.is_demo,
        proofs=program.domain.codes,
    )
    for_residents = ServeRole.GATEWAY in serves.parts
    beside = _beside(serves, pages) if for_residents else ()

    _count_backlogs(serves)
    return build_server(
        WebDoors(
            reception=serves.reception,
            published=Published(storage=program.storage, texts=made_texts(program)),
            units=program.units,
            receiving=program.receiving if for_residents else None,
            cleaning=program.cleaning,
            answers=program.answers,
            storage=program.storage,
            book=program.book,
            pages=pages,
            assets=assets,
            meter=serves.meter,
            checks=serves.checks,
            join_links=join_links(program.channels, program.groups, program.units),
            verifier=program.domain.found,
            clock=program.clock,
            chance=program.chance,
            public_url=config.public_url,
            trusted_proxies=config.trusted_proxies,
            metrics_token=config.metrics_token,
            more_routes=beside,
            without_time_limit=LONG | {LISTEN_PATH},
            at_shutdown=(program.doorbells.close, program.watching.close),
            api=made_api(program) if for_residents else None,
            console=_console(program) if ServeRole.CONSOLE in serves.parts else None,
        )
    )


def _beside(serves: Serves, pages: Pages) -> tuple[web.RouteDef, ...]:
    connecting = _connecting(serves.program, pages).routes()
    return (*connecting, *_chat(serves, pages).routes())


def _connecting(program: Program, pages: Pages) -> ConnectingPages:
    return ConnectingPages(program.connecting, pages=pages, state_place=STATE_PLACE)


def _chat(serves: Serves, pages: Pages) -> Chat:
    program = serves.program
    return Chat(
        WEB,
        reception=serves.reception,
        storage=program.storage,
        envelopes=program.envelopes,
        people=program.people,
        doorbells=program.doorbells,
        pages=pages,
        clock=program.clock,
        chance=program.chance,
        public_url=program.config.public_url,
    )


def _count_backlogs(serves: Serves) -> None:
    program = serves.program

    async def waiting() -> float:
        async with program.storage.read() as work:
            return float(await work.inbox.backlog())

    async def letters() -> float:
        async with program.storage.read() as work:
            return float(await work.mails.waiting())

    async def broken() -> float:
        accounts = await program.channels.accounts()
        return float(sum(one.state is AccountState.BROKEN for one in accounts))

    async def lost() -> float:
        return float(await program.channels.renewals.count_lost())

    async def age() -> float:
        ages = await program.channels.renewals.ages()
        return max((age.total_seconds() / 86_400 for age in ages.values()), default=0.0)

    serves.meter.gauge("zalo_pairs_lost", "Accounts to be connected again", lost)
    serves.meter.gauge("zalo_pair_age_days", "Days since the longest ago renewal", age)
    serves.meter.gauge("inbox_waiting", "Arrivals not handled yet", waiting)
    serves.meter.gauge("mails_waiting", "Letters to officers not handed over yet", letters)
    serves.meter.gauge("channels_broken", "Accounts that cannot send", broken)


def _console(program: Program) -> web.Application:
    def crowd(request: web.Request) -> str:
        return crowd_of(address_of(request, program.config.trusted_proxies))

    return console_app(
        ConsoleServices(
            officers=program.officer_services.officers,
            sign_ins=program.officer_services.sign_ins,
            setting_up=program.officer_services.setting_up,
            staff=program.officer_services.staff,
            own_account=program.officer_services.own_account,
            recovery=program.officer_services.recovery,
            key_care=program.officer_services.key_care,
            reading=program.reading,
            assisted=made_assisted_entry(program),
            inspectorates=Inspectorates(storage=program.storage, audit=program.audit),
            announcements=program.announcements,
            approvals=made_approvals(program),
            amendments=made_amendments(program),
            attachments=made_attachments(program),
            reaches=made_reaches(program),
            watching=program.watching,
            results=made_results(program),
            trials=made_trials(program),
            texts=made_texts(program),
            topics=offered_topics(program),
            channels=program.channels,
            account_events=program.account_events,
            call_backs=program.call_backs,
            handovers=program.handovers.desk,
            notices=program.notices,
            mailing=program.mailing,
            mail_addresses=made_mail_addresses(program),
            groups=program.groups,
            group_codes=program.group_codes,
            group_desks=program.group_desks,
            connecting=program.connecting,
            domain=program.domain,
            units=program.units,
            people=program.people,
            set_aside=program.set_aside,
            audit=program.audit,
            audit_view=made_audit_view(program),
            api_tokens=made_api_tokens(program),
            hooks=made_hooks(program),
            editing=made_editing(program),
            unknown_questions=made_unknown_questions(program),
            tip_voice=program.book.voice("tips"),
            handover_voice=program.book.voice("handover"),
            crowd=crowd,
            public_url=program.config.public_url,
            zone=program.config.timezone,
            clock=program.clock,
            chance=program.chance,
        )
    )
