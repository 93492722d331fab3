"""An Official Account on its stub."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.rigs_zalo import ZaloRig, open_zalo_rig


@pytest.fixture
async def rig() -> AsyncIterator[ZaloRig]:
    async with open_zalo_rig() as opened:
        yield opened
        assert list(opened.complaints()) == []
