"""binhyen hook: addresses of other software that are told what happened."""

from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Reply, table
from bot.core.hooks import OFFERED, CallState, HookEvent
from bot.core.ids import HookId

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.hooks.hooks import Hooks, ListedHook


@click.group("hook", cls=Noun)
def hook() -> None:
    """Addresses of other software that are told what happened."""


def _hooks(program: "Program") -> "Hooks":
    from bot.app.api import made_hooks  # noqa: PLC0415 - so that --help stays quick

    return made_hooks(program)


@hook.command("add")
@click.option("--unit", "code", required=True, help="The code of the unit; those under it count.")
@click.option("--url", required=True, help="Where to post: https, or this machine.")
@click.option(
    "--event",
    "events",
    required=True,
    multiple=True,
    type=click.Choice([event.value for event in OFFERED]),
    help="May be given several times.",
)
def add(*, code: str, url: str, events: tuple[str, ...]) -> Reply:
    """Add an address; the secret its calls are signed with is shown this once."""

    async def done(program: "Program") -> Reply:
        from bot.services.hooks.hooks import NewHook  # noqa: PLC0415 - so that --help stays quick

        unit = await program.units.by_code(code)
        wanted = frozenset(HookEvent(one) for one in events)
        hooks = _hooks(program)
        added = await hooks.add(NewHook(unit_id=unit.id, url=url, events=wanted), by=None)
        listed = await hooks.one(added.hook.id, None)
        return Reply(
            document={**_document(listed), "secret": added.secret},
            lines=[added.secret],
            details=[
                "Keep it now: it is not shown again. Whoever is told checks signatures with it.",
                f"Try it: binhyen hook test {added.hook.id}",
            ],
        )

    return with_program(done)


@hook.command("list")
def list_() -> Reply:
    """List the addresses with what troubles them."""

    async def done(program: "Program") -> Reply:
        listed = await _hooks(program).seen_by(None)
        rows = [
            (
                one.hook.id,
                one.unit.code,
                one.hook.state.value,
                ",".join(sorted(one.hook.events)),
                f"{one.calls[CallState.WAITING]} waiting",
                f"{one.calls[CallState.GIVEN_UP]} given up",
                one.hook.url,
                one.hook.trouble,
            )
            for one in listed
        ]
        return Reply(
            document={"hooks": [_document(one) for one in listed]},
            lines=table(rows, empty="There are no hooks."),
        )

    return with_program(done)


@hook.command("remove")
@click.argument("id_", metavar="ID")
def remove(id_: str) -> Reply:
    """Tell an address nothing any more, and forget it."""

    async def done(program: "Program") -> Reply:
        await _hooks(program).remove(HookId(id_), by=None)
        return Reply(document={"id": id_, "is_removed": True}, lines=[f"{id_} is removed."])

    return with_program(done)


@hook.command("test")
@click.argument("id_", metavar="ID")
def test(id_: str) -> Reply:
    """Post a test now; exit status 1 if the address does not take it."""

    async def done(program: "Program") -> Reply:
        ended = await _hooks(program).test(HookId(id_), by=None)
        return Reply(
            document={"id": id_, "is_well": ended.is_well, "trouble": ended.trouble},
            lines=[f"{id_} took it."] if ended.is_well else (),
            complaint="" if ended.is_well else f"{id_} did not take it: {ended.trouble}",
        )

    return with_program(done)


def _document(one: "ListedHook") -> dict[str, object]:
    return {
        "id": one.hook.id,
        "unit": one.unit.code,
        "url": one.hook.url,
        "events": sorted(one.hook.events),
        "state": one.hook.state.value,
        "trouble": one.hook.trouble,
        "waiting": one.calls[CallState.WAITING],
        "given_up": one.calls[CallState.GIVEN_UP],
        "added_at": one.hook.added_at,
    }
