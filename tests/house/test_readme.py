"""The tables of README.md against the code: what is promised is there, what is there is told."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from aiohttp import web

from bot.app.announcing import made_failure_watch
from bot.app.api import made_telling
from bot.app.auditing import made_audit_heads
from bot.app.backups import BackupFolder
from bot.app.doors import Serves, made_server
from bot.app.locking import PARTS, ServeRole
from bot.app.program import Program, open_program
from bot.app.tipping import made_tip_forgetting, made_tip_reminders
from bot.cli.entry import root
from bot.clock import RealChance, RealClock
from bot.config import ConfigError, load_config
from bot.services.conversations.reception import Reception
from bot.services.tips.shuffling import TipShuffling
from bot.web.metrics import PrometheusMeter
from content.book import Book
from content.words import CommandKey
from scheduler.jobs import Bringing, Forgetting, Job, Outward, table
from tests.house.markdown import PAGES, ROOT, Row, codes, links, rows

README = ROOT / "README.md"
UNITS = {"s": 1, "min": 60, "h": 3600}


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    config = load_config({"BINHYEN_DATA_DIR": str(tmp_path / "data")})
    clock, chance = RealClock(), RealChance()
    async with open_program(config, clock=clock, chance=chance, cheap=True) as opened:
        yield opened


# --- settings ----------------------------------------------------------------------------------


def _known_settings() -> set[str]:
    with pytest.raises(ConfigError) as said:
        load_config({"BINHYEN_NO_SUCH_SETTING": "1"})
    return set(re.findall(r"BINHYEN_\w+", str(said.value))) - {"BINHYEN_NO_SUCH_SETTING"}


def test_every_setting_has_its_row_and_no_other() -> None:
    told = [code for row in rows(README, "## Settings") for code in row.codes]
    assert sorted(told) == sorted(_known_settings())


@pytest.mark.parametrize(
    ("name", "is_demo"),
    [
        pytest.param("BINHYEN_HOST", False, id="host"),
        pytest.param("BINHYEN_PORT", False, id="port"),
        pytest.param("BINHYEN_TIMEZONE", False, id="time zone"),
        pytest.param("BINHYEN_TIP_DELAY_MAX_S", False, id="delay"),
        pytest.param("BINHYEN_TIP_DELAY_MAX_S", True, id="delay of the demo"),
    ],
)
def test_a_default_is_what_the_row_says(name: str, *, is_demo: bool) -> None:
    config: Any = load_config({}, is_demo=is_demo)
    default = str(getattr(config, name.removeprefix("BINHYEN_").lower()))
    [row] = [row for row in rows(README, "## Settings") if name in row.codes]
    assert default in codes(row.cells[1])


# --- commands ----------------------------------------------------------------------------------


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(command)
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _leaves(found, (*path, name))


COMMANDS = dict(_leaves(root, ("binhyen",)))


def _words(row: Row) -> str:
    """Return the command of a row: its words up to the first option or argument."""
    return re.split(r" (?=[\[A-Z-])", row.codes[0], maxsplit=1)[0]


def test_every_command_has_its_row_and_no_other() -> None:
    assert sorted(_words(row) for row in rows(README, "## Commands")) == sorted(COMMANDS)


@pytest.mark.parametrize("row", rows(README, "## Commands"), ids=_words)
def test_a_row_names_every_option_of_its_command_and_which_may_be_left_out(row: Row) -> None:
    line = row.codes[0]
    told = set(re.findall(r"--[a-z-]+", line))
    told_optional = set(re.findall(r"\[(--[a-z-]+)", line))
    options = [one for one in COMMANDS[_words(row)].params if isinstance(one, click.Option)]
    names = {one.opts[0] for one in options}
    assert told == names
    assert told_optional == {one.opts[0] for one in options if not one.required}


# --- HTTP --------------------------------------------------------------------------------------


def _routes(program: Program) -> set[str]:
    reception = Reception(
        storage=program.storage,
        envelopes=program.envelopes,
        channels=program.channels.all,
        look_again=program.channels.refresh,
        is_shut=program.channels.is_shut,
        bell=program.inbox_bell,
        clock=program.clock,
        meter=PrometheusMeter(),
    )
    server = made_server(
        Serves(
            program=program,
            parts=PARTS[ServeRole.ALL],
            reception=reception,
            meter=PrometheusMeter(),
            checks=(),
            is_demo=False,
        )
    )
    found: set[str] = set()
    for resource in server.router.resources():
        if isinstance(resource, web.PrefixedSubAppResource):
            found.add(f"GET {resource.canonical}")
            continue
        found |= {f"{one.method} {resource.canonical}" for one in resource if one.method != "HEAD"}
    return found


async def test_every_path_has_its_row_and_no_other(program: Program) -> None:
    told = [code for row in rows(README, "## HTTP") for code in row.codes]
    assert sorted(told) == sorted(_routes(program))


# --- words -------------------------------------------------------------------------------------


def test_every_word_after_a_slash_is_told_beside_what_it_does(book: Book) -> None:
    told = {
        frozenset(word.removeprefix("/") for word in (*row.codes, *codes(row.cells[1])))
        for row in rows(README, "## Words residents can type")
    }
    known = {
        frozenset(word for word, one in book.words.slash.items() if one is key)
        for key in CommandKey
    }
    assert told == known


# --- jobs --------------------------------------------------------------------------------------


def _jobs(program: Program) -> list[Job]:
    forgetting = Forgetting(
        question_days=30,
        storage=program.storage,
        keys=program.vault.passing,
        handover_keys=program.vault.handovers,
        weeks=program.vault.weeks,
        weeks_kept=timedelta(days=program.config.route_days),
        grants=program.connecting,
        shuffling=TipShuffling(storage=program.storage, clock=program.clock),
        clock=program.clock,
    )
    return list(
        table(
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
            backup=BackupFolder(program.config, clock=program.clock).nightly,
            forgetting=forgetting,
            tip_forgetting=made_tip_forgetting(
                program, BackupFolder(program.config, clock=program.clock)
            ),
            clock=program.clock,
        )
    )


async def test_every_job_has_its_row_in_the_same_order(program: Program) -> None:
    told = [(row.codes[0], _seconds(row.cells[1])) for row in rows(README, "## Jobs")]
    assert told == [(job.name, int(job.every.total_seconds())) for job in _jobs(program)]


def _seconds(text: str) -> int:
    number, unit = text.split()
    return int(number) * UNITS[unit]


# --- pictures ----------------------------------------------------------------------------------


def test_pictures_are_few_small_and_shown() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    shown = [link.rpartition("/")[2] for page in PAGES for link in links(page) if ".png" in link]
    assert sorted(shown) == [path.name for path in pictures]
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []
    assert len([link for link in links(README) if ".png" in link]) <= 8
    assert len(pictures) <= 12
