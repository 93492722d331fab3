"""What the bot says of itself in Telegram, from the book of words."""

import re
from dataclasses import replace

import pytest

from bot.channels.telegram.account import Mode, Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.introducing import commands_in
from bot.core.languages import Language
from content.book import Book
from content.words import CommandKey
from tests.channels.rigs_telegram import account_on
from tests.channels.stand_ins import MemoryCredentials
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.test_adapter import PUBLIC_URL, nobody

LANGUAGES = {"vi": Language.VI, "en": Language.EN, "fr": Language.VI}


@pytest.fixture(scope="module")
def words() -> Book:
    return Book.load()


@pytest.fixture
def speaking(stub: TelegramStub, surroundings: Surroundings, words: Book) -> TelegramChannel:
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    return TelegramChannel(account, replace(surroundings, say=words.voice("channels")))


@pytest.mark.parametrize("code", LANGUAGES)
async def test_people_find_commands_and_description_in_their_language(
    speaking: TelegramChannel, stub: TelegramStub, words: Book, code: str
) -> None:
    say, language = words.voice("channels"), LANGUAGES[code]
    await speaking.run(nobody)

    for is_group, key in ((False, "telegram_commands"), (True, "telegram_group_commands")):
        shown = stub.profile.commands_shown(code, is_group=is_group)
        assert [(one["command"], one["description"]) for one in shown] == list(
            commands_in(say(key, language))
        )
    description = stub.profile.text_shown("description", code)
    short = stub.profile.text_shown("short_description", code)
    assert description == say("telegram_description", language).strip()
    assert short == say("telegram_short_description", language).strip()


async def test_what_telegram_knows_already_is_not_written_again(
    speaking: TelegramChannel, stub: TelegramStub
) -> None:
    await speaking.run(nobody)
    written = {name: count for name, count in stub.calls.items() if name.startswith("setMy")}
    await speaking.run(nobody)

    again = {name: count for name, count in stub.calls.items() if name.startswith("setMy")}
    assert (
        again
        == written
        == {
            "setMyCommands": 4,
            "setMyDescription": 2,
            "setMyShortDescription": 2,
        }
    )


async def test_a_bot_that_cannot_be_introduced_works_all_the_same(
    speaking: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail_next(FaultKind.ERROR_500, method="getMyCommands")
    stub.fail_next(FaultKind.ERROR_500, method="getMe")

    await speaking.run(nobody)

    assert stub.webhook.target is not None
    assert stub.profile.commands == {}


async def test_the_bots_name_is_kept_for_its_links(
    stub: TelegramStub, surroundings: Surroundings, credentials: MemoryCredentials
) -> None:
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    await TelegramChannel(account, surroundings).run(nobody)
    assert credentials.facts == {"username": "thu_nghiem_bot"}

    credentials.facts.clear()
    named = replace(account, username="thu_nghiem_bot")
    await TelegramChannel(named, surroundings).run(nobody)
    assert credentials.facts == {}


async def test_the_bots_name_is_asked_for_until_it_is_told(
    stub: TelegramStub, surroundings: Surroundings, credentials: MemoryCredentials
) -> None:
    """Without it words that call the bot in a group are not known, nor is any link."""
    for _ in range(3):
        stub.fail_next(FaultKind.ERROR_500, method="getMe")
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)

    await TelegramChannel(account, surroundings).run(nobody)

    assert credentials.facts == {"username": "thu_nghiem_bot"}
    assert stub.calls["getMe"] == 4


@pytest.mark.parametrize("language", Language)
def test_every_command_offered_is_understood_and_fits(words: Book, language: Language) -> None:
    say = words.voice("channels")
    for key in ("telegram_commands", "telegram_group_commands"):
        commands = commands_in(say(key, language))
        assert commands
        for name, meaning in commands:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
            assert 1 <= len(meaning) <= 256
            assert words.command(f"/{name}") is not None, name
    assert len(say("telegram_description", language)) <= 512
    assert len(say("telegram_short_description", language)) <= 120


@pytest.mark.parametrize("language", Language)
def test_what_belongs_in_private_is_not_offered_in_groups(words: Book, language: Language) -> None:
    commands = commands_in(words.voice("channels")("telegram_group_commands", language))
    keys = {words.command(f"/{name}") for name, _ in commands}
    assert {command.key for command in keys if command} == {
        CommandKey.EMERGENCY,
        CommandKey.HELP,
        CommandKey.LINK,
    }
