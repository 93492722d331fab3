"""Secrets on a command line: as they are, from a file (@file), or from standard input (-)."""

import sys
from pathlib import Path
from typing import Final

import click

_LONGEST_BYTES: Final = 16 * 1024
_STDIN_READ: Final = "bot.cli.secret_values.stdin_read"


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
