"""Accounts: added with secrets from anywhere, listed, checked, removed."""

from dataclasses import dataclass

import pytest

from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_accounts import OaBar
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.cli.conftest import Machine

TOKEN = "123456:an-invented-token"
TELEGRAM = ("channel", "add", "telegram", "--unit", "X1")
ZALO = ("channel", "add", "zalo", "--unit", "X1", "--app-id", "77")
# Nobody listens there, and nobody must be asked.
NOWHERE = ("--api-url", "http://127.0.0.1:9", "--oauth-url", "http://127.0.0.1:9")
SECRETS = ("--app-secret", "as", "--oa-secret", "os", "--access-token", "at")


def test_a_bot_is_added_and_its_secrets_are_shown_nowhere(commune: Machine) -> None:
    ended = commune(*TELEGRAM, "--token", TOKEN, "--json")
    assert ended.status == 0
    assert (ended.document["kind"], ended.document["webhook_path"]) == ("telegram", None)
    listed = commune("channel", "list", "--json")
    assert [one["id"] for one in listed.document["channels"]] == [ended.document["id"]]
    said = ended.out + listed.out + commune("channel", "list").out
    assert TOKEN.partition(":")[2] not in said
    database = (commune.folder / "data" / "binhyen.db").read_bytes()
    assert TOKEN.partition(":")[2].encode() not in database


def test_a_bot_with_a_webhook_says_where_and_what_it_lacks(commune: Machine) -> None:
    ended = commune(*TELEGRAM, "--token", TOKEN, "--mode", "webhook", "--json")
    channel_id = ended.document["id"]
    assert ended.document["webhook_path"] == f"/webhooks/telegram/{channel_id}"
    assert "https" in ended.document["note"]
    own = ("--api-url", "http://127.0.0.1:9")
    assert "note" not in commune(*TELEGRAM, "--token", TOKEN, *own, "--json").document


def test_an_account_added_again_keeps_its_id(commune: Machine) -> None:
    first = commune(*TELEGRAM, "--token", TOKEN, "--json").document
    again = commune(*TELEGRAM, "--token", "123456:another-token", "--json").document
    assert (again["id"], again["is_reconnected"]) == (first["id"], True)
    assert "within seconds" in commune(*TELEGRAM, "--token", TOKEN).out


def test_several_accounts_share_one_app(commune: Machine) -> None:
    paths = []
    for oa_id in ("1001", "1002"):
        account = ("--oa-id", oa_id, *SECRETS, "--refresh-token", "rt", *NOWHERE, "--json")
        paths.append(commune(*ZALO, *account).document["webhook_path"])
    assert paths == ["/webhooks/zalo/77"] * 2
    assert len(commune("channel", "list", "--json").document["channels"]) == 2


def test_what_is_set_of_an_account_stays_when_it_is_connected_again(commune: Machine) -> None:
    account = (*ZALO, "--oa-id", "1001", *SECRETS, "--refresh-token", "rt", *NOWHERE, "--json")
    own = ("--signed-with", "app_secret", "--per-minute", "90", "--step-back-min", "15")
    first = commune(*account, *own).document
    wanted = {"signed_with": "app_secret", "per_minute": "90", "step_back_min": "15"}
    assert {key: first["settings"][key] for key in wanted} == wanted
    again = commune(*account, "--per-minute", "120").document
    kept = {key: again["settings"][key] for key in wanted}
    assert (again["is_reconnected"], kept) == (True, {**wanted, "per_minute": "120"})


def test_an_account_is_added_while_zalo_is_out_of_reach(commune: Machine) -> None:
    account = ("--oa-id", "1001", *SECRETS, "--refresh-token", "rt", *NOWHERE)
    ended = commune(*ZALO, *account, "--json")
    assert (ended.status, ended.document["can_send"]) == (0, False)
    assert "cannot be used now" in commune(*ZALO, *account).out


async def test_secrets_come_from_files_and_standard_input(commune: Machine) -> None:
    file = commune.file("secret", "from-a-file\r\n")
    ended = await commune.typed(
        *ZALO,
        *("--oa-id", "1", "--app-secret", f"@{file}", "--oa-secret", "plain"),
        *("--access-token", "-", "--refresh-token", "rt", *NOWHERE, "--json"),
        stdin=b"from-stdin\n",
    )
    assert ended.status == 0
    async with commune.program() as program:
        async with program.storage.read() as work:
            [account] = await work.channels.all()
        kept = program.envelopes.open_credentials(account.id, account.sealed_credentials)
    assert kept == {
        "app_secret": "from-a-file",
        "oa_secret": "plain",
        "access_token": "from-stdin",
        "refresh_token": "rt",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCase:
    id: str
    line: tuple[str, ...]
    says: str
    status: int = 2


WRONG = [
    WrongCase(id="no token", line=(*TELEGRAM, "--token", "hello"), says="no bot token"),
    WrongCase(id="empty secret", line=(*TELEGRAM, "--token", " "), says="empty"),
    WrongCase(id="no such file", line=(*TELEGRAM, "--token", "@none"), says="none: No such file"),
    WrongCase(id="letters", line=(*TELEGRAM, "--token", "1:mã bí mật"), says="plain letters"),
    WrongCase(
        id="secret token",
        line=(*TELEGRAM, "--token", TOKEN, "--secret-token", "a+b"),
        says="--secret-token",
    ),
    WrongCase(
        id="address with a path",
        line=(*TELEGRAM, "--token", TOKEN, "--api-url", "http://127.0.0.1:9/bot"),
        says="scheme, host and port alone",
    ),
    WrongCase(
        id="address with a wrong port",
        line=(*TELEGRAM, "--token", TOKEN, "--api-url", "http://127.0.0.1:99999"),
        says="scheme, host and port alone",
    ),
    WrongCase(
        id="two secrets from standard input",
        line=(*ZALO, "--oa-id", "1", *SECRETS[:4], "--access-token", "-", "--refresh-token", "-"),
        says="only one secret",
    ),
    WrongCase(
        id="id that is none",
        line=(*ZALO, "--oa-id", "../1", *SECRETS, "--refresh-token", "rt"),
        says="cannot be an id",
    ),
    WrongCase(
        id="half a pair",
        line=(*ZALO, "--oa-id", "1", *SECRETS),
        says="a pair is both",
    ),
    WrongCase(
        id="a pair of nobody",
        line=(*ZALO, *SECRETS, "--refresh-token", "rt"),
        says="--oa-id",
    ),
    WrongCase(
        id="no pace",
        line=(*ZALO, *SECRETS[:4], "--per-minute", "0"),
        says="--per-minute",
    ),
    WrongCase(
        id="unknown unit",
        line=("channel", "add", "telegram", "--unit", "Z", "--token", TOKEN),
        says="no unit has the code Z",
        status=1,
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_wrong_account_is_refused_without_repeating_a_secret(
    commune: Machine, case: WrongCase
) -> None:
    ended = commune(*case.line, stdin=b"one")
    assert ended.status == case.status
    assert case.says in ended.err
    assert TOKEN.partition(":")[2] not in ended.err
    assert commune("channel", "list", "--json").document["channels"] == []


def test_a_removed_account_is_gone_with_its_secrets(commune: Machine) -> None:
    channel_id = commune(*TELEGRAM, "--token", TOKEN, "--json").document["id"]
    assert commune("channel", "remove", channel_id).status == 0
    assert commune("channel", "list", "--json").document["channels"] == []
    for verb in ("remove", "check"):
        ended = commune("channel", verb, channel_id)
        assert (ended.status, "No channel in use" in ended.err) == (1, True)


async def test_the_chat_page_stays(commune: Machine) -> None:
    async with commune.program() as program:
        await program.prepare()
    ended = await commune.typed("channel", "remove", "web")
    assert (ended.status, "cannot be removed" in ended.err) == (1, True)
    assert (await commune.typed("channel", "check", "web")).status == 0


async def test_a_check_of_a_bot_calls_the_platform(commune: Machine) -> None:
    async with TelegramStub() as stub:
        added = await commune.typed(
            *TELEGRAM, "--token", stub.token, "--api-url", stub.url, "--json"
        )
        check = ("channel", "check", added.document["id"])
        well = await commune.typed(*check, "--json")
        assert (well.status, well.document["can_send"]) == (0, True)
        assert well.document["findings"][0]["what"].startswith("Telegram knows the bot")
        await stub.go_down()
        unwell = await commune.typed(*check)
        assert unwell.status == 1
        assert "Telegram cannot be used now" in unwell.err
        doctor = await commune.typed("doctor", "--json")
        assert doctor.status == 1
        assert [one for one in doctor.document["checks"] if not one["is_well"]] != []


async def test_a_check_names_the_need_to_reconnect(commune: Machine) -> None:
    async with ZaloStub() as stub:
        added = await commune.typed(
            *("channel", "add", "zalo", "--unit", "X1", "--app-id", stub.app.app_id),
            *("--app-secret", stub.app.app_secret, "--oa-id", stub.oa.oa_id),
            *("--oa-secret", stub.app.webhook_secret, "--access-token", "used-up"),
            *("--refresh-token", "used-up", "--api-url", stub.url, "--oauth-url", stub.url),
            "--json",
        )
        assert added.document["webhook_path"] == f"/webhooks/zalo/{stub.app.app_id}"
        check = ("channel", "check", added.document["id"])
        ended = await commune.typed(*check)
        assert ended.status == 1
        assert "connect it again" in ended.err
        stub.oa.bar = OaBar.DISABLED
        assert (await commune.typed(*check)).status == 1


def test_a_price_is_entered_and_taken_away(commune: Machine) -> None:
    channel_id = commune(*TELEGRAM, "--token", TOKEN, "--json").document["id"]
    entered = commune("channel", "price", channel_id, "55", "--json")
    assert (entered.status, entered.document["price_dong"]) == (0, 55)
    (listed,) = commune("channel", "list", "--json").document["channels"]
    assert listed["settings"]["price"] == "55"
    commune(*TELEGRAM, "--token", TOKEN)
    (listed,) = commune("channel", "list", "--json").document["channels"]
    assert listed["settings"]["price"] == "55"
    assert "is not known any more" in commune("channel", "price", channel_id, "none").out
    (listed,) = commune("channel", "list", "--json").document["channels"]
    assert "price" not in listed["settings"]


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("55đ", 2, "no whole number"),
        ("-1", 2, "No such option"),
        ("1000001", 1, "0 to 1000000"),
        ("9" * 40, 2, "no whole number"),
    ],
)
def test_what_is_no_price_is_refused(commune: Machine, typed: str, status: int, says: str) -> None:
    channel_id = commune(*TELEGRAM, "--token", TOKEN, "--json").document["id"]
    ended = commune("channel", "price", channel_id, typed)
    assert (ended.status, says in ended.err) == (status, True)
    assert commune("channel", "price", "nowhere", "55").status == 1
