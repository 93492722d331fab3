"""Updates of every kind the Bot API documents: all can be read, and none is taken for another."""

import json
import logging

import pytest

from bot.channels.telegram.updates import ALLOWED_UPDATES, read_update
from bot.core.messages import IncomingKind
from tests.channels.rigs_telegram import CHANNEL_ID, MYSELF
from tests.channels.stubs.telegram_update_examples import UpdateExample, update_examples


@pytest.mark.parametrize("example", update_examples(), ids=lambda example: example.id)
def test_every_documented_update_can_be_read(
    example: UpdateExample, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    incoming = read_update(json.dumps(example.body).encode(), CHANNEL_ID, MYSELF)

    assert caplog.messages == []
    assert incoming.event_id
    if example.kind not in ALLOWED_UPDATES:
        assert incoming.kind is IncomingKind.IGNORED
    if example.kind == "callback_query":
        assert incoming.kind is IncomingKind.CHOICE
        assert incoming.tap_id
    assert (incoming.kind is IncomingKind.GROUP) == (incoming.group is not None)
    assert (incoming.kind is IncomingKind.MEDIA) == bool(incoming.media)
    assert (incoming.kind is IncomingKind.CONTACT) == (incoming.contact is not None)
