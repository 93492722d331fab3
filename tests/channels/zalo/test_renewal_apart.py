"""What the program makes of the end of the process that renewed a pair for it."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app.renewing import RenewalApart
from bot.channels.zalo.renewal import RenewalHere, RenewalRefused
from bot.clock import RealClock
from bot.core.channels import Credentials
from bot.core.errors import StorageTrouble
from bot.core.sending import PlatformTrouble
from bot.core.time import Clock
from tests.channels.rigs_zalo import CHANNEL_ID, ZaloRig, pair_of

Interpreter = Callable[[str], None]


class Never:
    """Fits `Renews` where nothing must be renewed here."""

    outlives_us = False

    async def __call__(self, seen: Credentials) -> Credentials:
        raise AssertionError("a process could be started")


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interpreter:
    """Put a script in place of Python."""

    def put(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(sys, "executable", str(path))

    return put


def apart(rig: ZaloRig, clock: Clock | None = None) -> RenewalApart:
    return RenewalApart(CHANNEL_ID, store=rig.store, clock=clock or RealClock(), here=Never())


@pytest.mark.parametrize(
    ("said", "raises"),
    [
        ('{"end":"refused","text":"-14014"}', RenewalRefused),
        ('{"end":"refused","text":""}', RenewalRefused),
        ('{"end":"no_storage"}', StorageTrouble),
        ('{"end":"trouble","text":"HTTP 502"}', PlatformTrouble),
        ('{"end":"renewed"}', PlatformTrouble),
        ('{"end":"something"}', PlatformTrouble),
        ("", PlatformTrouble),
    ],
)
async def test_an_end_without_a_new_pair_is_told_as_what_it_is(
    rig: ZaloRig, interpreter: Interpreter, said: str, raises: type[Exception]
) -> None:
    interpreter(f"echo '{said}'")
    with pytest.raises(raises):
        await apart(rig)(rig.store.stored)


async def test_a_pair_that_is_there_counts_whatever_was_said(
    rig: ZaloRig, interpreter: Interpreter
) -> None:
    seen = rig.store.stored
    rig.store.put(pair_of(rig.stub))
    interpreter("exit 1")
    assert await apart(rig)(seen) == rig.store.stored


async def test_one_that_takes_too_long_is_not_waited_for(
    rig: ZaloRig, interpreter: Interpreter
) -> None:
    interpreter("exec sleep 5")
    with pytest.raises(PlatformTrouble, match="too long"):
        await apart(rig, rig.time)(rig.store.stored)


async def test_where_no_process_can_be_started_the_pair_is_renewed_here(
    rig: ZaloRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    renewed: list[Credentials] = []

    class Here(Never):
        async def __call__(self, seen: Credentials) -> Credentials:
            renewed.append(seen)
            return seen

    one = RenewalApart(CHANNEL_ID, store=rig.store, clock=rig.time, here=Here())
    assert await one(rig.store.stored) == rig.store.stored
    assert renewed == [rig.store.stored]
    assert (RenewalApart.outlives_us, RenewalHere.outlives_us) == (True, False)
