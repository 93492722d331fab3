"""The settings of this installation, read once from the environment and complained about once.

Credentials of channels are not settings: they are added with `binhyen channel add` and stored
sealed.
"""

import ipaddress
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.errors import BinhYenError
from bot.core.mails import MailServer, is_mail_address
from bot.core.quiet import QuietHours, read_quiet_hours

PREFIX: Final = "BINHYEN_"
_KNOWN: Final = frozenset(
    {
        "DATA_DIR",
        "DATABASE_URL",
        "HOST",
        "PORT",
        "PUBLIC_URL",
        "TRUSTED_PROXIES",
        "TIMEZONE",
        "LOG_FORMAT",
        "TIP_DELAY_MAX_S",
        "ROUTE_DAYS",
        "UNKNOWN_QUESTION_DAYS",
        "METRICS_TOKEN",
        "QUIET_HOURS",
        "APPROVE_ABOVE",
        "AUDIT_HEAD_TO",
        "BACKUP_DIR",
        "BACKUP_KEEP",
        "BACKUP_PASSPHRASE_FILE",
        "SMTP_URL",
        "MAIL_FROM",
    }
)
# Read by the tests and by nothing else; named here so that they are not called unknown.
_FOR_TESTS: Final = frozenset({"TEST_REQUIRE_ALL"})
_DAY_S: Final = 86_400
_SMTPS_PORT: Final = 465
_SUBMISSION_PORT: Final = 587
_DATABASES: Final = ("sqlite:///", "postgresql://")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LogFormat = Literal["text", "json"]


class ConfigError(BinhYenError):
    """The settings cannot be used. The message lists every fault, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings as `docs` and README list them."""

    data_dir: Path
    database_url: str = field(repr=False)
    host: str
    port: int
    public_url: str
    trusted_proxies: tuple[Network, ...]
    timezone: ZoneInfo
    log_format: LogFormat
    tip_delay_max_s: int
    route_days: int
    unknown_question_days: int
    metrics_token: str = field(repr=False)
    quiet_hours: QuietHours
    approve_above: int
    audit_head_to: str
    backup_dir: Path | None
    backup_keep: int
    backup_passphrase_file: Path | None
    mail_server: MailServer | None = None

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is a file of this installation."""
        return self.database_url.startswith("sqlite:")


def read_environment(*, folder: Path | None = None) -> dict[str, str]:
    """Return the settings of `.env` in the working directory, overridden by the environment.

    Raise `ConfigError` if the file cannot be understood.
    """
    path = (folder or Path.cwd()) / ".env"
    values: dict[str, str] = {}
    if path.is_file():
        values.update(_read_env_file(path))
    values.update(os.environ)
    return {name: value for name, value in values.items() if name.startswith(PREFIX)}


def _read_env_file(path: Path) -> dict[str, str]:
    values: dict[str, str] = {}
    faults: list[str] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: cannot be read ({type(error).__name__})") from error
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        name, mark, value = line.partition("=")
        if not mark or not name.strip().isidentifier():
            faults.append(f"{path.name}:{number}: expected NAME=value")
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name.strip()] = value
    if faults:
        raise ConfigError("\n".join(faults))
    return values


def load_config(env: Mapping[str, str], *, is_demo: bool = False) -> Config:
    """Return the settings in `env` (names with prefix). Raise `ConfigError` with all faults."""
    reader = _Reader({name.removeprefix(PREFIX): value.strip() for name, value in env.items()})
    data_dir = reader.folder("DATA_DIR", "./data")
    host = reader.text("HOST", "127.0.0.1")
    port = reader.number("PORT", 8080, lowest=1, highest=65_535)
    shown_host = f"[{host}]" if ":" in host else host
    zone = reader.zone("TIMEZONE", "Asia/Ho_Chi_Minh")
    config = Config(
        data_dir=data_dir,
        database_url=reader.database("DATABASE_URL", f"sqlite:///{data_dir / 'binhyen.db'}"),
        host=host,
        port=port,
        public_url=reader.url("PUBLIC_URL", f"http://{shown_host}:{port}"),
        trusted_proxies=reader.networks("TRUSTED_PROXIES"),
        timezone=zone,
        log_format=reader.log_format("LOG_FORMAT"),
        tip_delay_max_s=reader.number(
            "TIP_DELAY_MAX_S", 0 if is_demo else 600, lowest=0, highest=_DAY_S
        ),
        route_days=reader.number("ROUTE_DAYS", 60, lowest=30, highest=90),
        unknown_question_days=reader.number("UNKNOWN_QUESTION_DAYS", 30, lowest=0, highest=30),
        metrics_token=reader.text("METRICS_TOKEN", ""),
        quiet_hours=reader.quiet_hours("QUIET_HOURS", "none" if is_demo else "22:00-06:00", zone),
        approve_above=reader.number("APPROVE_ABOVE", 200, lowest=0, highest=1_000_000),
        audit_head_to=reader.place("AUDIT_HEAD_TO"),
        backup_dir=reader.path("BACKUP_DIR"),
        backup_keep=reader.number("BACKUP_KEEP", 14, lowest=1, highest=1_000),
        backup_passphrase_file=reader.path("BACKUP_PASSPHRASE_FILE"),
        mail_server=reader.mail_server("SMTP_URL", "MAIL_FROM"),
    )
    reader.complain()
    return config


class _Reader:
    """Reads one value at a time and remembers what was wrong."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._faults = [
            f"{PREFIX}{name}: there is no such setting; known are "
            + ", ".join(sorted(PREFIX + known for known in _KNOWN))
            for name in sorted(set(values) - _KNOWN - _FOR_TESTS)
        ]

    def complain(self) -> None:
        if self._faults:
            raise ConfigError("\n".join(self._faults))

    def _fault(self, name: str, what: str) -> None:
        self._faults.append(f"{PREFIX}{name}: {what}")

    def text(self, name: str, default: str) -> str:
        return self._values.get(name) or default

    def folder(self, name: str, default: str) -> Path:
        raw = self.text(name, default)
        try:
            return Path(raw).expanduser().resolve()
        except (OSError, RuntimeError, ValueError):
            self._fault(name, f"expected the path of a folder, got {raw!r}")
            return Path(default).resolve()

    def path(self, name: str) -> Path | None:
        return self.folder(name, ".") if self._values.get(name) else None

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        raw = self._values.get(name)
        if not raw:
            return default
        if not raw.isascii() or not raw.isdigit() or not lowest <= int(raw) <= highest:
            self._fault(name, f"expected a whole number from {lowest} to {highest}, got {raw!r}")
            return default
        return int(raw)

    def url(self, name: str, default: str) -> str:
        raw = (self._values.get(name) or default).rstrip("/")
        if not _is_url(raw):
            self._fault(name, f"expected something like https://binhyen.example.vn, got {raw!r}")
            return default
        return raw

    def place(self, name: str) -> str:
        raw = self._values.get(name, "")
        if not raw or raw.startswith("/") or (raw.startswith("https://") and _is_url(raw)):
            return raw
        parts = urlsplit(raw) if _is_url(raw) else None
        if parts is not None and parts.hostname in {"localhost", "127.0.0.1", "::1"}:
            return raw
        # An address may hold a secret, so it is not repeated.
        self._fault(name, "expected the full path of a file, or an address with https://")
        return ""

    def database(self, name: str, default: str) -> str:
        raw = self._values.get(name) or default
        if not any(raw.startswith(start) and raw != start for start in _DATABASES):
            # The value may hold a password, so it is not repeated.
            self._fault(name, "expected sqlite:///path or postgresql://user@host/db")
            return default
        return raw

    def networks(self, name: str) -> tuple[Network, ...]:
        found: list[Network] = []
        for raw in self._values.get(name, "").replace(",", " ").split():
            try:
                found.append(ipaddress.ip_network(raw, strict=False))
            except ValueError:
                self._fault(name, f"expected networks like 127.0.0.1 or 10.0.0.0/8, got {raw!r}")
        return tuple(found)

    def zone(self, name: str, default: str) -> ZoneInfo:
        raw = self._values.get(name) or default
        try:
            return ZoneInfo(raw)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._fault(name, f"expected a time zone like Asia/Ho_Chi_Minh, got {raw!r}")
            return ZoneInfo("UTC")

    def quiet_hours(self, name: str, default: str, zone: ZoneInfo) -> QuietHours:
        raw = self.text(name, default)
        try:
            return read_quiet_hours(raw, zone)
        except ValueError:
            self._fault(name, f"expected two moments like 22:00-06:00, or none, got {raw!r}")
            return read_quiet_hours(default, zone)

    def mail_server(self, url: str, sender: str) -> MailServer | None:
        raw, address = self._values.get(url, ""), self._values.get(sender, "")
        if not raw and not address:
            return None
        if not is_mail_address(address):
            self._fault(sender, f"expected the address letters come from, got {address!r}")
        parts = self._mail_url(url, raw)
        if parts is None:
            return None
        is_tls_first = parts.scheme == "smtps"
        return MailServer(
            host=parts.hostname or "",
            port=parts.port or (_SMTPS_PORT if is_tls_first else _SUBMISSION_PORT),
            is_tls_first=is_tls_first,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=address,
        )

    def _mail_url(self, name: str, raw: str) -> SplitResult | None:
        """Return a mail server's address, out of a file if it begins with @."""
        if raw.startswith("@"):
            try:
                raw = Path(raw[1:]).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, RuntimeError, UnicodeDecodeError, ValueError) as error:
                self._fault(name, f"the file cannot be read ({type(error).__name__})")
                return None
        parts = urlsplit("")
        try:
            parts = urlsplit(raw)
            is_right = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname)
            is_right = is_right and parts.port != 0
        except ValueError:
            is_right = False
        rest = not is_right or parts.path.strip("/") or parts.query or parts.fragment
        if rest or bool(parts.username) != bool(parts.password):
            # It may hold a password, so it is not repeated.
            self._fault(name, "expected smtps://user:password@host or smtp://…, or @file with it")
            return None
        return parts

    def log_format(self, name: str) -> LogFormat:
        raw = self._values.get(name)
        if raw == "text" or (not raw and sys.stderr.isatty()):
            return "text"
        if raw and raw != "json":
            self._fault(name, f"expected text or json, got {raw!r}")
        return "json"


def _is_url(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_web and has_port and not (parts.query or parts.fragment or parts.username)
