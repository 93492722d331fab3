"""Settings are read once and complain once, with all faults in one message."""

from datetime import UTC, datetime, time
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.config import PREFIX, ConfigError, load_config, read_environment


def env(**values: str) -> dict[str, str]:
    return {PREFIX + name: value for name, value in values.items()}


def test_nothing_need_be_set() -> None:
    config = load_config({})
    assert config.data_dir == Path("data").resolve()
    assert config.database_url == f"sqlite:///{config.data_dir / 'binhyen.db'}"
    assert config.is_sqlite
    assert (config.host, config.port) == ("127.0.0.1", 8080)
    assert config.public_url == "http://127.0.0.1:8080"
    assert str(config.timezone) == "Asia/Ho_Chi_Minh"
    assert (config.tip_delay_max_s, config.metrics_token) == (600, "")
    assert config.trusted_proxies == ()


def test_the_demo_shows_tips_at_once() -> None:
    assert load_config({}, is_demo=True).tip_delay_max_s == 0
    assert load_config(env(TIP_DELAY_MAX_S="5"), is_demo=True).tip_delay_max_s == 5


def test_everything_can_be_set() -> None:
    config = load_config(
        env(
            DATA_DIR="/srv/binhyen",
            DATABASE_URL="postgresql://binhyen@db/binhyen",
            HOST="::1",
            PORT="9000",
            TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8 fd00::/8",
            TIMEZONE="UTC",
            LOG_FORMAT="json",
            TIP_DELAY_MAX_S="0",
            METRICS_TOKEN="t",
            QUIET_HOURS="21:30-05:00",
            APPROVE_ABOVE="50",
        )
    )
    assert config.data_dir == Path("/srv/binhyen")
    assert not config.is_sqlite
    assert config.public_url == "http://[::1]:9000"
    assert config.trusted_proxies == tuple(
        ip_network(one) for one in ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")
    )
    assert config.log_format == "json"
    assert (config.quiet_hours.begins, config.quiet_hours.ends) == (time(21, 30), time(5))
    assert config.approve_above == 50


def test_the_demo_sends_at_any_hour() -> None:
    midnight = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert load_config({}).quiet_hours.is_quiet(midnight)
    assert not load_config({}, is_demo=True).quiet_hours.is_quiet(midnight)
    assert not load_config(env(QUIET_HOURS="none")).quiet_hours.is_quiet(midnight)


def test_an_address_loses_its_last_slash() -> None:
    assert load_config(env(PUBLIC_URL="https://a.example/")).public_url == "https://a.example"


WRONG = {
    "QUIET_HOURS": ["22", "22:00", "22:00-25:00", "ten-six", "22:00-"],
    "APPROVE_ABOVE": ["-1", "many"],
    "PORT": ["0", "65536", "-1", "8o80", "８０８０", "1e3"],
    "PUBLIC_URL": [
        *("ftp://x", "binhyen.vn", "https://", "http://[bad", "https://x?y=1", "https://x:99999"),
        *("https://user:pass@x", "https://x#y"),
    ],
    "DATABASE_URL": ["mysql://x", "sqlite://x", "sqlite:///", "postgresql://", "data.db"],
    "TRUSTED_PROXIES": ["10.0.0.0/99", "proxy.local"],
    "TIMEZONE": ["Hanoi", "../etc/passwd", "Asia/"],
    "LOG_FORMAT": ["xml"],
    "TIP_DELAY_MAX_S": ["-1", "86401", "ten"],
    "DATA_DIR": ["~nobody-has-this-name/data", "a\0b"],
}


@pytest.mark.parametrize(("name", "value"), [(k, v) for k, many in WRONG.items() for v in many])
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{PREFIX}{name}: expected [^\n]*$"):
        load_config(env(**{name: value}))


def test_all_faults_are_said_at_once() -> None:
    wrong = {name: values[0] for name, values in WRONG.items()}
    with pytest.raises(ConfigError) as caught:
        load_config(env(**wrong, COLOUR="red", METRICS_TOKN="x"))
    lines = str(caught.value).splitlines()
    assert {line.partition(":")[0].removeprefix(PREFIX) for line in lines} == {
        *wrong,
        "COLOUR",
        "METRICS_TOKN",
    }
    assert len(lines) == len(wrong) + 2


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="BINHYEN_METRICS_TOKEN, BINHYEN_PORT"):
        load_config(env(METRICS_TOKN="x"))


def test_the_switch_of_the_tests_is_no_unknown_name() -> None:
    load_config(env(TEST_REQUIRE_ALL="1"))


def test_secrets_hide_from_repr_and_from_complaints() -> None:
    shown = repr(
        load_config(env(METRICS_TOKEN="hide-me", DATABASE_URL="postgresql://u:hide-me@h/d"))
    )
    assert "hide-me" not in shown
    with pytest.raises(ConfigError) as caught:
        load_config(env(DATABASE_URL="mysql://u:hide-me@h/d"))
    assert "hide-me" not in str(caught.value)


def test_a_file_in_the_working_directory_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "\ufeff# a remark\n\nexport BINHYEN_PORT=9001\nBINHYEN_HOST = '0.0.0.0'\n"
        'BINHYEN_METRICS_TOKEN="a=b c"\nOTHER=1\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("BINHYEN_PORT", "9002")
    monkeypatch.delenv("BINHYEN_TEST_REQUIRE_ALL", raising=False)
    assert read_environment(folder=tmp_path) == {
        "BINHYEN_PORT": "9002",
        "BINHYEN_HOST": "0.0.0.0",  # noqa: S104  # only read
        "BINHYEN_METRICS_TOKEN": "a=b c",
    }


def test_no_file_is_fine(tmp_path: Path) -> None:
    assert "BINHYEN_PORT" not in read_environment(folder=tmp_path)


def test_every_line_of_the_file_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BINHYEN_PORT\nBINHYEN_HOST=x\n1BAD=2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^\.env:1: [^\n]*\n\.env:3: [^\n]*$"):
        read_environment(folder=tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BINHYEN_HOST=\xff\xfe")
    with pytest.raises(ConfigError, match=r"^\.env: cannot be read"):
        read_environment(folder=tmp_path)


def test_a_mail_server_is_read_whole_or_out_of_a_file(tmp_path: Path) -> None:
    sender = "binh-yen@example.vn"
    server = load_config(
        env(SMTP_URL="smtps://xa:m%40t@thu.example.vn", MAIL_FROM=sender)
    ).mail_server
    assert server is not None
    assert (server.host, server.port, server.is_tls_first) == ("thu.example.vn", 465, True)
    assert (server.user, server.password, server.sender) == ("xa", "m@t", sender)
    assert "m@t" not in repr(server)
    file = tmp_path / "smtp"
    file.write_text("smtp://localhost\n")
    server = load_config(env(SMTP_URL=f"@{file}", MAIL_FROM=sender)).mail_server
    assert server is not None
    assert (server.port, server.is_tls_first, server.user) == (587, False, "")
    assert load_config({}).mail_server is None


@pytest.mark.parametrize(
    ("url", "sender", "faults"),
    [
        ("smtps://xa:mat-khau@thu.example.vn", "", ("MAIL_FROM",)),
        ("", "a@example.vn", ("SMTP_URL",)),
        ("https://xa:mat-khau@thu.example.vn", "a@example.vn\nx", ("SMTP_URL", "MAIL_FROM")),
        ("smtps://xa@thu.example.vn", "a@example.vn", ("SMTP_URL",)),
        ("smtps://xa:mat-khau@thu.example.vn/x?y", "a@example.vn", ("SMTP_URL",)),
        ("smtp://xa:mat-khau@[::1", "a@example.vn", ("SMTP_URL",)),
        ("smtp://xa:mat-khau@thu:99999", "a@example.vn", ("SMTP_URL",)),
        ("@/nowhere/mat-khau", "a@example.vn", ("SMTP_URL",)),
    ],
)
def test_a_mail_server_that_cannot_be_is_named_and_its_password_not(
    url: str, sender: str, faults: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(env(SMTP_URL=url, MAIL_FROM=sender))
    lines = str(caught.value).splitlines()
    assert {line.partition(":")[0] for line in lines} == {PREFIX + name for name in faults}
    assert "mat-khau" not in str(caught.value)
