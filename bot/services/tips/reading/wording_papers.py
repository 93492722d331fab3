"""How a tip is worded on paper; the words stand in section `tips`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.languages import Language
from bot.core.papers import Paper, PaperPart, PaperPicture, Purpose
from bot.services.tips.reading.exported import Exported
from content.sentences import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Who takes a tip out, on which day, why, and the number of that in the audit chain."""

    officer: str
    day: date
    purpose: Purpose
    number: int


def worded(tip: Exported, pictures: Sequence[bytes | None], issue: Issue, say: Voice) -> Paper:
    """Return the paper. `pictures` are cleaned JPEGs, None for what could not be read."""
    vi = Language.VI
    issued: dict[str, str | int] = {
        "reference": tip.reference,
        "officer": issue.officer,
        "day": f"{issue.day:%d/%m/%Y}",
        "number": issue.number,
        "purpose": say(f"purpose_{issue.purpose}", vi),
    }
    return Paper(
        title=say("paper_title", vi, reference=tip.reference),
        facts=say(
            "paper_facts",
            vi,
            category=say(tip.report.category.value, vi),
            unit=tip.unit,
            day=f"{tip.received_on:%d/%m/%Y}",
        ),
        parts=list(_parts(tip, say, say("paper_issued", vi, **issued))),
        pictures=[
            PaperPicture(
                caption=say("paper_picture" if body else "paper_picture_lost", vi, number=number),
                body=body,
            )
            for number, body in enumerate(pictures, start=1)
        ],
        mark=say("paper_mark", vi, **issued),
        foot=say("paper_foot", vi),
    )


def _parts(tip: Exported, say: Voice, issued: str) -> Iterator[PaperPart]:
    vi = Language.VI
    nothing = say("paper_nothing", vi)
    yield PaperPart(heading="", text=issued)
    if tip.is_redacted:
        yield PaperPart(heading="", text=say("paper_redacted", vi))
    for name in ("what", "where", "when"):
        text = getattr(tip.report, name) or nothing
        yield PaperPart(heading=say(f"paper_{name}", vi), text=text)
    for number, said in enumerate(tip.said):
        key = "paper_said_officers" if said.by_officers else "paper_said_sender"
        heading = "" if number else say("paper_said", vi)
        yield PaperPart(heading=heading, text=say(key, vi, text=said.text))
