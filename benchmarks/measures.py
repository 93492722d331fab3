"""Every measure: its name, its goal, and what it means. The page and the bench read it here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is measured by `part` of the bench; `at_least` tells in which direction `goal` lies."""

    key: str
    part: str
    name: str
    goal: float
    unit: str
    at_least: bool
    means: str


MEASURES: Final = (
    Measure(
        key="rate_of_bare",
        part="pipeline",
        name="Whole pipeline, of a bare client's rate",
        goal=0.5,
        unit="ratio",
        at_least=True,
        means="Claim, render, request, record, pace off, every commit flushed to the disk;"
        " beside it an aiohttp client that posts the same bodies and keeps nothing.",
    ),
    Measure(
        key="rate_of_library",
        part="pipeline",
        name="Whole pipeline, of python-telegram-bot's own rate",
        goal=6,
        unit="ratio",
        at_least=True,
        means="The same, beside python-telegram-bot over the HTTP client it comes with (httpx),"
        " as many requests under way as ours, and nothing kept either.",
    ),
    Measure(
        key="rate_of_bare_away",
        part="pipeline",
        name="The same 20 ms away, of a bare client's rate",
        goal=0.5,
        unit="ratio",
        at_least=True,
        means="The platform answers after 20 ms, as one at the end of a short line does.",
    ),
    Measure(
        key="rate_of_loop_away",
        part="pipeline",
        name="The same 20 ms away, of a plain loop's rate",
        goal=6,
        unit="ratio",
        at_least=True,
        means="Beside a loop over python-telegram-bot that sends one message after another.",
    ),
    Measure(
        key="rate",
        part="pipeline",
        name="Whole pipeline",
        goal=1_000,
        unit="/s",
        at_least=True,
        means="The same as a number, which says as much of the machine as of the program.",
    ),
    Measure(
        key="cpu_telegram",
        part="sending",
        name="CPU of a Telegram send, of a bare client's",
        goal=2.5,
        unit="ratio",
        at_least=False,
        means="The adapter alone, against a stand-in for the platform.",
    ),
    Measure(
        key="cpu_zalo",
        part="sending",
        name="CPU of a Zalo send, of a bare client's",
        goal=2.5,
        unit="ratio",
        at_least=False,
        means="The same for Zalo.",
    ),
    Measure(
        key="pace_used",
        part="pace",
        name="Pace used over Telegram",
        goal=0.97,
        unit="ratio",
        at_least=True,
        means="Of the pace that is set (29/s), over five minutes of the platform's time.",
    ),
    Measure(
        key="busiest_second",
        part="pace",
        name="Busiest second over Telegram",
        goal=30,
        unit="sends",
        at_least=False,
        means="The fullest second that can be found in those five minutes; Telegram allows 30.",
    ),
    Measure(
        key="slowed_down",
        part="pace",
        name="Rules of Telegram broken meanwhile",
        goal=0,
        unit="",
        at_least=False,
        means="What a strict stand-in answered with 429 or found fault with.",
    ),
    Measure(
        key="freezing",
        part="scale",
        name="Freezing an audience of 100,000",
        goal=3,
        unit="s",
        at_least=False,
        means="From the word to start until every recipient has a row of the outbox.",
    ),
    Measure(
        key="freezing_growth",
        part="scale",
        name="Freezing, time per recipient at 1,000,000, of that at 100,000",
        goal=1.25,
        unit="ratio",
        at_least=False,
        means="1 is linear.",
    ),
    Measure(
        key="freezing_memory",
        part="scale",
        name="Memory growth while freezing 1,000,000",
        goal=30,
        unit="MB",
        at_least=False,
        means="The highest resident memory on the way, above what the program had before.",
    ),
    Measure(
        key="sending_growth",
        part="scale",
        name="Sending, processor's time per message of 1,000,000, of that of 10,000",
        goal=1.25,
        unit="ratio",
        at_least=False,
        means="The first 5,000 messages of either audience, pace off.",
    ),
    Measure(
        key="pause",
        part="promptness",
        name="Pause to last message, at Telegram's pace",
        goal=2,
        unit="s",
        at_least=False,
        means="From the press of the button to the end of the last request; the longest of some.",
    ),
    Measure(
        key="pause_unpaced",
        part="promptness",
        name="Pause to last message, pace off",
        goal=2,
        unit="s",
        at_least=False,
        means="The same while messages leave as fast as they can.",
    ),
    Measure(
        key="reply",
        part="promptness",
        name="Reply while 10,000 are being sent, p99, at Telegram's pace",
        goal=500,
        unit="ms",
        at_least=False,
        means="From a question that comes in to the request that carries its answer.",
    ),
    Measure(
        key="reply_unpaced",
        part="promptness",
        name="Reply while 10,000 are being sent, p99, pace off",
        goal=500,
        unit="ms",
        at_least=False,
        means="The same while messages leave as fast as they can: two processors with no rest.",
    ),
    Measure(
        key="webhooks",
        part="webhooks",
        name="Webhooks stored durably, of a bare handler's rate",
        goal=0.35,
        unit="ratio",
        at_least=True,
        means="Acknowledged only once on the disk; beside a handler that checks the signature,"
        " answers 200 and keeps nothing.",
    ),
    Measure(
        key="webhook_p99",
        part="webhooks",
        name="Webhook p99 at 300/s",
        goal=100,
        unit="ms",
        at_least=False,
        means="From the moment a request is due to its 200.",
    ),
    Measure(
        key="tips_lost",
        part="tips",
        name="Acknowledged tips lost, of 50/s for a minute, a rush of 1,000 and a flood",
        goal=0,
        unit="",
        at_least=False,
        means="Every receipt that was shown is looked for in the database; none may stand there"
        " twice.",
    ),
    Measure(
        key="tips_acknowledged",
        part="tips",
        name="Acknowledgement of a tip, p95, of 50/s for a minute and 1,000 at once",
        goal=2,
        unit="s",
        at_least=False,
        means="From the press of the button to the page with the receipt, over the form without"
        " scripts, where the program itself seals.",
    ),
    Measure(
        key="tips_flood",
        part="tips",
        name="Acknowledgement of honest tips while 1,000 addresses flood the page, p95",
        goal=3,
        unit="s",
        at_least=False,
        means="A thousand addresses send forms without end, none solves the task that a flood"
        " sets; whoever does is answered.",
    ),
    Measure(
        key="chat_flood",
        part="flood",
        name="Acknowledgement of honest tips while 1,000 accounts flood in chats, p95",
        goal=3,
        unit="s",
        at_least=False,
        means="From the last word to the receipt in the outbox; each of the others writes again as"
        " soon as it is answered.",
    ),
    Measure(
        key="queue_page",
        part="queue",
        name="Page of the queue over 100,000 tips, p95",
        goal=300,
        unit="ms",
        at_least=False,
        means="Over HTTP, signed in, on SQLite: all of it, by state, by kind, by number, and the"
        " pages behind the first.",
    ),
    Measure(
        key="queue_page_postgres",
        part="queue",
        name="The same page on PostgreSQL, p95",
        goal=300,
        unit="ms",
        at_least=False,
        means="A server on the same machine, with little memory (16 MB shared).",
    ),
    Measure(
        key="answer",
        part="questions",
        name="Answer to a question, p99",
        goal=10,
        unit="ms",
        at_least=False,
        means="Finding the answer alone, without the database.",
    ),
    Measure(
        key="arrival_to_reply",
        part="questions",
        name="Arrival to reply in the outbox, p99",
        goal=20,
        unit="ms",
        at_least=False,
        means="From the claim of an arrival to the commit of its reply, with nothing else to do.",
    ),
    Measure(
        key="start",
        part="start",
        name="Start to ready, existing database",
        goal=2,
        unit="s",
        at_least=False,
        means="Until the program answers that it is ready, all three channels in use.",
    ),
    Measure(
        key="memory",
        part="start",
        name="Resident memory, all channels idle",
        goal=110,
        unit="MB",
        at_least=False,
        means="Three seconds after that.",
    ),
)
PARTS: Final = tuple(dict.fromkeys(measure.part for measure in MEASURES))
BY_KEY: Final = {measure.key: measure for measure in MEASURES}
