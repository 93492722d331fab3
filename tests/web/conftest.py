"""A server of its own for every test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.ids import KeyHolderId, OfficerId
from bot.core.officers import HolderKind, KeyHolder, Officer, Role
from bot.services.tips.reading.access import Reader
from tests.web.site import Site, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
async def reader(site: Site) -> Reader:
    """A moderator, as if signed in, who can read the tips of the site."""
    await site.can_take_tips()
    pair = site.vault.officers.new_pair()
    home = await site.home()
    officer = Officer(
        id=OfficerId("officer00001"),
        login="can-bo",
        name="Cán bộ thử",
        unit_id=home.id,
        roles=frozenset({Role.MODERATOR}),
        password_hash="",
        added_at=site.clock.now(),
    )
    holder = KeyHolder(
        id=KeyHolderId("holder000001"),
        kind=HolderKind.OFFICER,
        officer_id=officer.id,
        unit_id=home.id,
        public_key=pair.public,
    )
    async with site.storage.begin() as work:
        await work.officers.save(officer)
        await work.officers.save_holder(holder)
        await work.commit()
    return Reader(officer=officer, holder_id=holder.id, private_key=pair.private)
