"""The set-up of the log: one line an event, with ids, never texts, names or secrets.

Our own lines carry an event name and `extra` fields. Lines of libraries pass through the same
formatter, which masks what looks like a secret; those known to log tokens or message texts
are turned down to warnings.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
# httpx and telegram write tokens (in URLs) and message texts at INFO and DEBUG; aiohttp's access
# log writes addresses.
_TURNED_DOWN: Final = (
    "httpx",
    "httpcore",
    "telegram",
    "aiohttp",
    "aiosqlite",
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "asyncio",
)
_SECRETS: Final = (
    re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}"),  # a Telegram bot token
    re.compile(
        r"(?i)(access_token|refresh_token|secret_key|app_secret|appsecret_proof|password|"
        r"authorization|cookie|csrf|x-telegram-bot-api-secret-token)"
        r"([\"']?\s*[:=]\s*[\"']?)(?:bearer\s+)?[^\s\"'&,;}]+"
    ),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user:password in an URL
    re.compile(r"(?<!\d)(?:\+?84|0)\d{8,10}(?!\d)"),  # a Vietnamese telephone number
    re.compile(r"(?<!\d)\d{12}(?!\d)"),  # an identity number
    re.compile(
        r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}\b", re.IGNORECASE
    ),  # receipt
)
_MASK: Final = "***"


def mask(text: str) -> str:
    """Return `text` with everything that looks like a secret or a person's number hidden."""
    for pattern in _SECRETS:
        text = pattern.sub(_hidden, text)
    return text


def _hidden(found: re.Match[str]) -> str:
    # A named secret keeps its name, so that the line still says what it was about.
    if found.re.groups:
        return f"{found.group(1)}{found.group(2)}{_MASK}"
    return _MASK


class EventFormatter(logging.Formatter):
    """Writes a record as one line: JSON, or text for a terminal."""

    def __init__(self, form: Literal["text", "json"]) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, masked."""
        at = datetime.fromtimestamp(record.created, UTC)
        event = record.getMessage()
        fields = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            # The text of a foreign exception may quote what a person wrote; its kind may not.
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record)
        if self._form == "json":
            line = {
                "at": at.isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "event": event,
                **fields,
            }
            return mask(json.dumps(line, ensure_ascii=False, default=str))
        pairs = "".join(f" {name}={value}" for name, value in fields.items())
        return mask(f"{at:%H:%M:%S} {record.levelname.lower():7} {event}{pairs}")


def _where(record: logging.LogRecord) -> str:
    """Return file and line of the frames of an exception, without the values in them."""
    trace = record.exc_info[2] if record.exc_info else None
    frames = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
    ]
    return " > ".join(frames[-6:])


def set_up_logs(
    form: Literal["text", "json"], *, stream: TextIO | None = None, level: int = logging.INFO
) -> None:
    """Send every line of the program and its libraries through one masking formatter."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(EventFormatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TURNED_DOWN:
        logging.getLogger(name).setLevel(logging.WARNING)
