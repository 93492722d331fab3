"""binhyen serve: the program itself."""

import asyncio
import gc
import importlib
from collections.abc import Callable

import click

from bot.cli.nouns import Verb
from bot.cli.opening import settings
from bot.cli.reply import as_line, is_json
from bot.logs import set_up_logs

_ROLES = ("all", "gateway", "console", "worker")


@click.command("serve", cls=Verb)
@click.option(
    "--role",
    type=click.Choice(_ROLES),
    default="all",
    show_default=True,
    help="Which part of the work this process does.",
)
@click.option("--demo", is_flag=True, help="Load the invented neighbourhood on the first start.")
@click.pass_context
def serve(context: click.Context, role: str, *, demo: bool) -> None:
    """Run the program until SIGTERM or Ctrl-C.

    With --json what is said at start is written as JSON lines {"message"}.
    """
    # Nearly all that a start makes stays: looking for rubbish among it over and over took a fifth
    # of the time. `Serving` looks once, when it listens, and turns the collector on.
    gc.disable()
    config = settings(is_demo=demo)
    set_up_logs(config.log_format)
    from bot.app.locking import ServeRole  # noqa: PLC0415 - so that --help stays quick
    from bot.app.serving import serve as served  # noqa: PLC0415 - same

    with asyncio.Runner(loop_factory=_faster_loop()) as runner:
        runner.run(served(config, ServeRole(role), is_demo=demo, say=_voice(context)))


def _faster_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop if the extra `speed` is installed, else None: Python's own."""
    try:
        uvloop = importlib.import_module("uvloop")
    except ModuleNotFoundError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _voice(context: click.Context) -> Callable[[str], None]:
    as_documents = is_json(context)

    def say(line: str) -> None:
        click.echo(as_line({"message": line}) if as_documents else line)

    return say
