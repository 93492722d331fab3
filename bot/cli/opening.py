"""Settings and services for one command: opened when needed, closed at its end.

What is slow to import is imported here, inside the functions, so that --help and a mistyped
command cost nothing.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot.clock import RealChance, RealClock
from bot.config import Config, load_config, read_environment
from bot.core.languages import Language
from bot.logs import set_up_logs

if TYPE_CHECKING:
    from bot.app.program import Program

T = TypeVar("T")


def settings(*, is_demo: bool = False) -> Config:
    """Return the settings. Raise `ConfigError` with every fault."""
    return load_config(read_environment(), is_demo=is_demo)


def with_settings(act: Callable[[Config], Awaitable[T]]) -> T:
    """Do what needs the settings alone."""
    config = settings()
    # A command says in words what is wrong; its log would only repeat it.
    set_up_logs(config.log_format, level=logging.CRITICAL)

    async def done() -> T:
        return await act(config)

    return asyncio.run(done())


def with_program(act: Callable[["Program"], Awaitable[T]]) -> T:
    """Do what needs the database and the services."""

    async def done(config: Config) -> T:
        # All that is made while opening stays: to look for rubbish among it takes a tenth of a
        # command's time.
        gc.disable()
        try:
            from bot.app.program import open_program  # noqa: PLC0415 - see the module's docstring

            async with open_program(
                config, clock=RealClock(), chance=RealChance(), language=Language.EN
            ) as program:
                gc.enable()
                return await act(program)
        finally:
            gc.enable()

    return with_settings(done)
