"""Commands and groups that all take --json, and a root that imports a noun when it is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import click

from bot.cli.reply import ask_for_json

_JSON_HELP: Final = "Print exactly one JSON document (or JSON lines where the command says so)."


def _json_option() -> click.Option:
    return click.Option(
        ["--json"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda context, option, value: ask_for_json(context, option, value=bool(value)),
        help=_JSON_HELP,
    )


class Verb(click.Command):
    """A command that can answer in JSON."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and --json."""
        return [*super().get_params(ctx), _json_option()]


class Noun(click.Group):
    """A group of verbs about one noun; --json may also stand before the verb."""

    command_class: type[click.Command] | None = Verb

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the group's own parameters and --json."""
        return [*super().get_params(ctx), _json_option()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command of the root lives, and what the list of commands says of it."""

    module: str
    name: str
    short_help: str


class Root(Noun):
    """Holds the first words of a line. `places` name modules, so that --help imports none."""

    def __init__(self, name: str, *, places: Mapping[str, Place], help: str) -> None:  # noqa: A002 - click's own name for it
        super().__init__(name, help=help)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        """Return the words that may stand first."""
        return list(self._places)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's shape
        cmd_name: str,
    ) -> click.Command | None:
        """Import and return a command."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        command = getattr(import_module(place.module), place.name)
        return command if isinstance(command, click.Command) else None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's shape
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.short_help) for name, one in self._places.items()])
