"""binhyen content: the files of words."""

from pathlib import Path

import click

from bot.cli.nouns import Noun
from bot.cli.reply import Reply


@click.group("content", cls=Noun)
def content() -> None:
    """Check the files of words."""


@content.command("check")
@click.argument(
    "folder",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def check(folder: Path | None) -> Reply:
    """Read every file of words in FOLDER (else the program's own) and list all mistakes."""
    from bot.services.answers.answers import Answers  # noqa: PLC0415 - so that --help stays quick
    from content.book import Book  # noqa: PLC0415 - same

    book = Book.load(folder)
    Answers(book)
    counts = {
        "topics": len(book.topics),
        "sentences": sum(len(section) for section in book.sections.values()),
        "announcements": len(book.announcements),
        "facts": len(book.facts),
    }
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    return Reply(document=counts, lines=[f"No mistakes: {listed}."])
