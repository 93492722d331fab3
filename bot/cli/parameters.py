"""What may be typed for an account: secrets, addresses, ids of a platform, a price.

A secret stands on the line as it is, in a file (@file), or on standard input (-).
"""

import re
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

_PLATFORM_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONGEST_BYTES: Final = 16 * 1024
_LONGEST_AMOUNT: Final = 12
_STDIN_READ: Final = "bot.cli.parameters.stdin_read"


class Secret(click.ParamType[str]):
    """The value of a secret, which no message of the command line repeats."""

    name = "secret"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the secret itself, without the line's end."""
        if value == "-":
            secret = self._from_stdin(param, ctx)
        elif value.startswith("@"):
            secret = self._from_file(Path(value[1:]), param, ctx)
        else:
            secret = value
        secret = secret.strip()
        if not secret:
            self.fail("the secret is empty", param, ctx)
        if not secret.isascii() or not secret.isprintable() or " " in secret:
            self.fail("a secret is one word of plain letters, digits and signs", param, ctx)
        return secret

    def _from_stdin(self, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if ctx is not None and ctx.meta.get(_STDIN_READ):
            self.fail("only one secret can come from standard input", param, ctx)
        if ctx is not None:
            ctx.meta[_STDIN_READ] = True
        return sys.stdin.buffer.read(_LONGEST_BYTES).decode("utf-8", "replace")

    def _from_file(
        self, path: Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        try:
            with path.open("rb") as file:
                return file.read(_LONGEST_BYTES).decode("utf-8", "replace")
        except OSError as error:
            self.fail(f"{path}: {error.strerror}", param, ctx)


class BareAddress(click.ParamType[str]):
    """A bare address in place of a platform's: scheme, host, port."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address without a stroke at its end."""
        try:
            parts = urlsplit(value)
            is_right = parts.scheme in {"http", "https"} and bool(parts.hostname)
            is_bare = not (
                parts.path.strip("/") or parts.query or parts.fragment or parts.username
            )
            is_right = is_right and is_bare and (parts.port is None or parts.port > 0)
        except ValueError:
            is_right = False
        if not is_right:
            self.fail(
                "expected scheme, host and port alone, like http://127.0.0.1:9001", param, ctx
            )
        return value.rstrip("/")


class PlatformId(click.ParamType[str]):
    """What a platform calls an app or an account."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id."""
        if not _PLATFORM_ID.fullmatch(value):
            self.fail(f"{value!r} cannot be an id", param, ctx)
        return value


class Dong(click.ParamType[int]):
    """An amount in VND, or `none`. What is too large is refused where it is kept."""

    name = "dong"
    NONE: Final = -1

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the amount, or `NONE`."""
        if isinstance(value, int):
            return value
        if value.lower() == "none":
            return self.NONE
        if not (value.isascii() and value.isdecimal() and len(value) <= _LONGEST_AMOUNT):
            self.fail(f"{value!r} is no whole number of VND, nor none", param, ctx)
        return int(value)
