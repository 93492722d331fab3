"""Whom an announcement of the command line is for, and the links that go with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.core.announcements import Link
from bot.core.audience import Audience
from bot.core.ids import AnnouncementId, UnitId

if TYPE_CHECKING:
    from bot.app.program import Program


class LinkWords(click.ParamType[Link]):
    """A page and the words that lead to it, joined by an equals sign."""

    name = "link"

    def convert(
        self, value: str | Link, param: click.Parameter | None, ctx: click.Context | None
    ) -> Link:
        """Return the link; whether it may go out is asked later."""
        if isinstance(value, Link):
            return value
        label, mark, url = value.partition("=")
        if not mark:
            self.fail(f"{value!r} is no link like Map=https://example.org/map", param, ctx)
        return Link(label=label.strip(), url=url.strip())


MORE_UNITS = click.option(
    "--more-unit", "more_codes", multiple=True, help="Another unit that gets it too."
)
WITHOUT_UNITS = click.option(
    "--without-unit", "without_codes", multiple=True, help="A unit that does not get it."
)
TOPICS = click.option(
    "--topic", "topics", multiple=True, help="Only who chose it; the key of a topic."
)
MISSED = click.option(
    "--missed", metavar="ID", help="Only households that announcement reached nobody of."
)
LINKS = click.option(
    "--link", "links", multiple=True, type=LinkWords(), help="LABEL=URL, a button below it."
)


async def audience_of(
    program: "Program",
    *,
    more_codes: Sequence[str],
    without_codes: Sequence[str],
    topics: Sequence[str],
    missed: str | None,
) -> Audience:
    """Return the audience that was asked for. Raise `NotFound` for a unit nobody knows."""

    async def ids(codes: Sequence[str]) -> tuple[UnitId, ...]:
        return tuple([(await program.units.by_code(code)).id for code in codes])

    return Audience(
        more_unit_ids=await ids(more_codes),
        without_unit_ids=await ids(without_codes),
        topics=tuple(topics),
        missed=AnnouncementId(missed) if missed else None,
    )
