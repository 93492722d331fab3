"""binhyen content: the files of words."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.measuring import compared, measured, told
from bot.cli.nouns import Noun
from bot.cli.reply import Reply

if TYPE_CHECKING:
    from content.book import Book


@click.group("content", cls=Noun)
def content() -> None:
    """Check the files of words, and measure what they understand."""


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
    from content.dangers import read_dangers  # noqa: PLC0415 - same

    book = Book.load(folder)
    read_dangers(folder)
    Answers(book)
    counts = {
        "topics": len(book.topics),
        "sentences": sum(len(section) for section in book.sections.values()),
        "announcements": len(book.announcements),
        "facts": len(book.facts),
    }
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    return Reply(document=counts, lines=[f"No mistakes: {listed}."])


@content.command("evaluate")
@click.option(
    "--misses",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Show so many misunderstood messages too, the worst first. Who saw them must not tune.",
)
def evaluate(misses: int) -> Reply:
    """Measure how well messages that nobody tuned on are understood."""
    from bot.services.answers import evaluating  # noqa: PLC0415 - so that --help stays quick
    from bot.services.answers.answers import Answers  # noqa: PLC0415 - same
    from content.book import Book  # noqa: PLC0415 - same
    from content.evaluation import read_evaluation  # noqa: PLC0415 - same

    found = evaluating.evaluate(Answers(Book.load()), read_evaluation())
    return Reply(document=measured(found, misses=misses), lines=told(found, misses=misses))


@content.command("learn")
@click.argument(
    "folder",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--topics",
    "only_topics",
    is_flag=True,
    help="Learn topics alone, as the set-up does.",
)
@click.option(
    "--compare",
    is_flag=True,
    help="Also compare ways of hearing danger on messages kept apart. Takes some minutes.",
)
def learn(folder: Path | None, *, only_topics: bool, compare: bool) -> Reply:
    """Learn danger and topics from the messages in FOLDER (else the program's own) and keep it."""
    from bot.services.answers import topic_training  # noqa: PLC0415 - so that --help stays quick
    from content.book import OWN_FOLDER, Book  # noqa: PLC0415 - same
    from content.topic_weights import write_topic_weights  # noqa: PLC0415 - same

    if only_topics and compare:
        raise click.UsageError("--compare is about danger: leave out --topics")
    book, kept_in = Book.load(folder), folder or OWN_FOLDER
    danger = None if only_topics else _learn_danger(book, kept_in, compare=compare)
    topics = write_topic_weights(kept_in, topic_training.learned(book))
    examples = len(topic_training.said_of(book))
    return Reply(
        document={"examples": examples, **(danger.document if danger else {})},
        lines=[
            *(danger.lines if danger else ()),
            f"Topics: learned from {examples} messages: {topics.name}.",
        ],
    )


def _learn_danger(book: "Book", folder: Path, *, compare: bool) -> Reply:
    from bot.services.answers import (  # noqa: PLC0415 - so that --help stays quick
        danger_comparing,
        danger_training,
    )
    from content.danger_weights import write_weights  # noqa: PLC0415 - same
    from content.dangers import read_dangers  # noqa: PLC0415 - same

    messages = read_dangers(folder)
    kept = write_weights(folder, danger_training.learned(book, messages))
    tried = danger_comparing.compare(book, messages) if compare else {}
    counts = {"training": len(messages.training), "development": len(messages.development)}
    return Reply(
        document={**counts, "ways": {way: asdict(one) for way, one in tried.items()}},
        lines=[
            f"Danger: learned from {counts['training']} messages: {kept.name}.",
            *(compared(tried) if tried else ()),
        ],
    )
