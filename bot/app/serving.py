"""Running the program: loops, doors and clock are started here and stopped in reverse.

The database is the truth; whatever is cut off here is found there at the next start.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.app.announcing import made_failure_watch
from bot.app.answering import made_events, made_router, noting_who_wrote
from bot.app.api import made_telling
from bot.app.auditing import made_audit_heads
from bot.app.backups import BackupFolder
from bot.app.cores import leave_no_core
from bot.app.demo import load_demo
from bot.app.doors import AT_THE_DOOR, Serves, made_server
from bot.app.editing import made_measuring, made_not_understood
from bot.app.locking import PARTS, ServeRole, held, make_data_folder
from bot.app.program import Program, open_program
from bot.app.tipping import made_tip_forgetting, made_tip_reminders
from bot.clock import RealChance, RealClock
from bot.config import Config
from bot.core.channels import Channel
from bot.core.errors import BinhYenError
from bot.delivery.post import Post
from bot.delivery.tray import Mail
from bot.services.conversations.conversations import Conversations
from bot.services.conversations.reception import Reception
from bot.services.tips.shuffling import TipShuffling
from bot.web.health import HealthCheck, Pulse, backlog_check, database_check
from bot.web.metrics import PrometheusMeter
from content.demo import Demo
from scheduler.jobs import Bringing, Forgetting, Outward, table
from scheduler.runner import Runner

log = logging.getLogger(__name__)

# Together under the ten seconds that a stop may take.
_FINISH_S: Final = 6.0
_CLOSE_S: Final = 2.0
_LOOK_FOR_CHANNELS_S: Final = 2.0
_LOOK_FOR_CHANGES_S: Final = 1.0
_LONGEST_WAIT: Final = timedelta(minutes=2)


class PortInUse(BinhYenError):
    """Nobody can be let in at this address."""


Say = Callable[[str], None]


async def serve(config: Config, role: ServeRole, *, is_demo: bool, say: Say) -> None:
    """Serve until SIGTERM or SIGINT. `say` is told where people find things.

    Raise `AlreadyServing`, `PortInUse`, and whatever `open_program` raises.
    """
    leave_no_core()
    make_data_folder(config.data_dir)
    with held(config.data_dir, role):
        async with open_program(
            config, clock=RealClock(), chance=RealChance(), role=role.value, renews_apart=True
        ) as program:
            if is_demo:
                await load_demo(program.units, Demo.load())
            await program.prepare()
            await Serving(program, role, is_demo=is_demo).run(say)


class Serving:
    """One process at work."""

    def __init__(self, program: Program, role: ServeRole, *, is_demo: bool) -> None:
        self._program = program
        self._parts = PARTS[role]
        self._is_demo = is_demo
        self._meter = PrometheusMeter()
        self._stopping = asyncio.Event()
        self._endless: list[asyncio.Task[None]] = []
        self._inbox_pulse = Pulse("conversations", clock=program.clock)
        self._post_pulse = Pulse("delivery", clock=program.clock)
        self._post = Post(
            storage=program.storage,
            channels=program.channels,
            mail=Mail(
                open_reply=program.envelopes.open_reply,
                letter=program.announcements.letter,
                echo_mark=program.envelopes.echo_mark,
            ),
            clock=program.clock,
            chance=program.chance,
            meter=self._meter,
            owner=program.owner,
            beat=self._post_pulse.beat,
            quiet=program.config.quiet_hours,
        )
        self._reception = Reception(
            storage=program.storage,
            envelopes=program.envelopes,
            channels=program.channels.all,
            look_again=program.channels.refresh,
            is_shut=program.channels.is_shut,
            bell=program.inbox_bell,
            clock=program.clock,
            meter=self._meter,
        )
        self._not_understood = made_not_understood(program)
        # Each is built only where its work is done, and with it the side of tips it needs.
        self._conversations = (
            self._made_conversations() if ServeRole.GATEWAY in self._parts else None
        )
        self._runner = self._made_runner() if ServeRole.WORKER in self._parts else None

    async def run(self, say: Say) -> None:
        """Serve until told to stop."""
        await self._settle_the_past()
        server = web.AppRunner(
            self._server(), access_log=None, handle_signals=False, shutdown_timeout=_CLOSE_S
        )
        await server.setup()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        try:
            await self._listen(server)
            # What was built at start stays; the collector need not look at it over and over.
            gc.collect()
            gc.freeze()
            gc.enable()
            async with asyncio.TaskGroup() as group:
                finishing = self._start(group)
                self._announce(say)
                await self._stopping.wait()
                log.info("serve.stopping")
                if self._runner is not None:
                    self._runner.stop()
                await server.cleanup()
                await self._finish(finishing)
        finally:
            await server.cleanup()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        log.info("serve.stopped")

    async def _settle_the_past(self) -> None:
        """Take up again what this process had in hand when it was last cut off."""
        program = self._program
        if self._parts == (ServeRole.CONSOLE,):
            # Takes nothing in and sends nothing out; nor may it look there.
            return
        async with program.storage.begin() as work:
            waiting = await work.inbox.free(program.owner)
            settled = await work.deliveries.free(program.owner, now=program.clock.now())
            await work.commit()
        if waiting or settled:
            log.warning("serve.resumed", extra={"arrivals": waiting, "deliveries": settled})

    async def _listen(self, server: web.AppRunner) -> None:
        config = self._program.config
        try:
            await web.TCPSite(server, config.host, config.port, backlog=AT_THE_DOOR).start()
        except OSError as error:
            raise PortInUse(
                f"cannot listen on {config.host}:{config.port} ({error.strerror}); stop what"
                " uses the port, or set BINHYEN_PORT and BINHYEN_HOST"
            ) from error

    def _announce(self, say: Say) -> None:
        program = self._program
        url = program.config.public_url
        if ServeRole.GATEWAY in self._parts:
            say(f"Bulletin       {url}/")
            say(f"Resident chat  {url}/tro-chuyen")
            say(f"Tip form       {url}/to-giac")
        if ServeRole.CONSOLE in self._parts:
            self._announce_console(say)
        log.info("serve.ready", extra={"parts": ",".join(self._parts)})

    def _announce_console(self, say: Say) -> None:
        program, url = self._program, self._program.config.public_url
        if program.officer_services.setting_up.is_done():
            say(f"Console        {url}/console/")
        else:
            say(f"Console        {url}/console/khoi-tao/{program.vault.setup.token}")
            say("               (a one-time link: make the first account with it)")

    # --- loops -----------------------------------------------------------------------------

    def _start(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start everything; return the tasks that end by themselves when told to stop."""
        finishing: list[asyncio.Task[None]] = []
        if (conversations := self._conversations) is not None:
            ready = self._program.receiving.ready
            self._endless.append(
                group.create_task(self._forever("receipts", ready.keep_ready), name="receipts")
            )

            async def handle_inbox() -> None:
                bell = self._program.inbox_bell
                await conversations.run(bell, beat=self._inbox_pulse.beat)

            finishing.append(group.create_task(self._forever("inbox", handle_inbox)))
        if self._runner is not None:
            self._runner.start()
            finishing.append(group.create_task(self._ring_for_announcements()))
        finishing.append(group.create_task(self._keep_channels()))
        finishing.append(group.create_task(self._forever("words", self._follow_changes)))
        if self._conversations is not None:
            finishing.append(group.create_task(self._forever("unknown", self._keep_unknown)))
        if ServeRole.CONSOLE in self._parts:
            finishing.append(group.create_task(self._forever("measuring", self._measure_changes)))
        return finishing

    async def _finish(self, finishing: list[asyncio.Task[None]]) -> None:
        """Let what is in flight land, then cut off what has not."""
        for task in self._endless:
            task.cancel()
        if self._conversations is not None:
            self._conversations.stop()
        self._post.stop()
        self._program.inbox_bell.ring()
        self._program.announcement_bell.ring()
        _, late = await asyncio.wait(finishing, timeout=_FINISH_S)
        for task in late:
            log.warning("serve.cut_off", extra={"task": task.get_name()})
            task.cancel()

    async def _ring_for_announcements(self) -> None:
        while not self._stopping.is_set():
            if await self._program.announcement_bell.wait(60):
                self._post.ring()

    async def _follow_changes(self) -> None:
        """Take up what officers changed in answers and facts, in whichever process they did."""
        while not self._stopping.is_set():
            await self._program.editions.follow()
            await self._program.editions.learn()
            try:
                async with asyncio.timeout(_LOOK_FOR_CHANGES_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _keep_unknown(self) -> None:
        await self._not_understood.run(self._stopping)

    async def _measure_changes(self) -> None:
        await made_measuring(self._program).run(self._stopping)

    async def _keep_channels(self) -> None:
        """Run what every account needs; other processes add and remove accounts at any time."""
        running: dict[Channel, list[asyncio.Task[None]]] = {}
        async with asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                await self._refresh(group, running)
                self._post_pulse.beat()
                try:
                    async with asyncio.timeout(_LOOK_FOR_CHANNELS_S):
                        await self._stopping.wait()
                except TimeoutError:
                    continue
            for tasks in running.values():
                for task in tasks:
                    if task.get_name() == "run":
                        task.cancel()

    async def _refresh(
        self, group: asyncio.TaskGroup, running: dict[Channel, list[asyncio.Task[None]]]
    ) -> None:
        channels = self._program.channels
        try:
            await channels.refresh()
        except Exception:  # an edge: the database may be locked for a while
            log.exception("channels.refresh_failed")
            return
        # An account that was given new secrets is another channel under the same id.
        now_open = set(channels.all())
        for gone in set(running) - now_open:
            for task in running.pop(gone):
                task.cancel()
        for channel in now_open - set(running):
            running[channel] = self._run_channel(group, channel)

    def _run_channel(self, group: asyncio.TaskGroup, channel: Channel) -> list[asyncio.Task[None]]:
        tasks: list[asyncio.Task[None]] = []
        if ServeRole.GATEWAY in self._parts:

            async def run() -> None:
                await channel.run(self._reception.receive)

            tasks.append(group.create_task(self._forever("channel", run), name="run"))
        if ServeRole.WORKER in self._parts:

            async def send() -> None:
                await self._post.run_channel(channel)

            tasks.append(group.create_task(self._forever("post", send), name="send"))
        return tasks

    async def _forever(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run a loop until it returns; when it fails, say so and begin again."""
        while True:
            try:
                await loop()
            except Exception:  # an edge: one loop's trouble must not stop the others
                log.exception("loop.failed", extra={"loop": name})
                await self._program.clock.sleep(1.0)
            else:
                return

    # --- what is joined ----------------------------------------------------------------------

    def _made_conversations(self) -> Conversations:
        program = self._program
        router = made_router(program, self._not_understood.note)
        return Conversations(
            storage=program.storage,
            envelopes=program.envelopes,
            handler=router.handle,
            events=made_events(program),
            wrote=noting_who_wrote(program),
            handovers=program.handovers.asking,
            apology=router.apology,
            channel_facts=program.channels.facts,
            answer_tap=program.channels.answer_tap,
            replied=self._post.ring,
            is_crowded=lambda: self._reception.is_crowded,
            clock=program.clock,
            meter=self._meter,
            owner=program.owner,
        )

    def _made_runner(self) -> Runner:
        program = self._program
        backups = BackupFolder(program.config, clock=program.clock)
        jobs = table(
            storage=program.storage,
            announcements=program.announcements,
            failure_watch=made_failure_watch(program),
            sign_ins=program.officer_services.sign_ins,
            reminders=program.reminders,
            tip_reminders=made_tip_reminders(program),
            group_desks=program.group_desks,
            outward=Outward(telling=made_telling(program), mailing=program.mailing),
            bringing=Bringing(
                routes=program.receiving.routes, handovers=program.handovers.bringing
            ),
            audit_heads=made_audit_heads(program),
            backup=backups.nightly,
            tip_forgetting=made_tip_forgetting(program, backups),
            forgetting=Forgetting(
                weeks=program.vault.weeks,
                weeks_kept=timedelta(days=program.config.route_days),
                question_days=program.config.unknown_question_days,
                storage=program.storage,
                keys=program.vault.passing,
                handover_keys=program.vault.handovers,
                grants=program.connecting,
                shuffling=TipShuffling(storage=program.storage, clock=program.clock),
                clock=program.clock,
            ),
            clock=program.clock,
        )
        return Runner(jobs, storage=program.storage, clock=program.clock)

    def _checks(self) -> list[HealthCheck]:
        program = self._program
        checks = [
            database_check(program.storage, program.clock),
            backlog_check(program.storage, program.clock, at_most=_LONGEST_WAIT),
        ]
        if ServeRole.GATEWAY in self._parts:
            checks.append(self._inbox_pulse.check())
        if (runner := self._runner) is not None:
            checks.append(self._post_pulse.check())

            async def clock() -> str:
                return "" if runner.is_running else "not running"

            checks.append(HealthCheck(name="scheduler", run=clock))
        return checks

    def _server(self) -> web.Application:
        return made_server(
            Serves(
                program=self._program,
                parts=self._parts,
                reception=self._reception,
                meter=self._meter,
                checks=self._checks(),
                is_demo=self._is_demo,
            )
        )
