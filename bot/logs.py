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
from collections.abc import Mapping
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
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "asyncio",
)
_NAMED: Final = (
    r"[\w-]*(?:token|secret|password|passphrase|appsecret_proof|authorization|cookie|csrf)[\w-]*"
)
_HAS_SUCH_NAME: Final = re.compile(_NAMED, re.IGNORECASE)
_SIGN: Final = "[0-9A-HJKMNP-TV-Z]"
_SECRETS: Final = (
    # In an URL the token stands right behind the letters of "bot".
    re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"),
    re.compile(
        r"\b(?:byt_|whsec_)[A-Za-z0-9_+/=-]+"
    ),  # tokens of other software, secrets of hooks
    re.compile(r"(?i)((?:set-)?cookie)(\\*[\"']?\s*[:=]\s*)[^\"'\n]+"),
    re.compile(
        rf"(?i)({_NAMED})(\\*[\"']?\s*[:=]\s*)"
        r"(?:\\*\"[^\"\\]*|'[^']*'|(?:(?:bearer|basic)\s+)?[^\s\"'&,;}\\]+)"
    ),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user:password in an URL
    re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d)"),  # a Vietnamese telephone number
    re.compile(r"(?<!\d)\d{12}(?!\d)"),  # an identity number
    re.compile(rf"(?i)(?<![0-9A-Z])(?:{_SIGN}{{4}}[- ]?){{5}}{_SIGN}{{4}}(?![0-9A-Z])"),  # receipt
    re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),  # a network address
    re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:|:){3,7}[0-9a-f]{0,4}(?![\w:])"),
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
        event = mask(_said(record))
        fields = {
            name: _shown(name, value)
            for name, value in record.__dict__.items()
            if name not in _STANDARD
        }
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
            return json.dumps(line, ensure_ascii=False, default=str)
        pairs = "".join(f" {name}={value}" for name, value in fields.items())
        line_of_text = f"{at:%H:%M:%S} {record.levelname.lower():7} {event}{pairs}"
        # One event, one line: nobody may forge a second one with a line break.
        return line_of_text.replace("\r", "\\r").replace("\n", "\\n")


def _said(record: logging.LogRecord) -> str:
    text = record.getMessage()
    # From the second line on, asyncio shows tasks, and with them the texts of their exceptions.
    return text.partition("\n")[0] if record.name == "asyncio" else text


def _shown(name: str, value: object) -> object:
    """Return a field with what is secret hidden, in a form that JSON can hold."""
    if _HAS_SUCH_NAME.fullmatch(name):
        return _MASK
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown("", one) for one in value]
    hidden = mask(str(value))
    return value if isinstance(value, int) and hidden == str(value) else hidden


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
