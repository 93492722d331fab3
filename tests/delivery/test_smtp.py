"""The adapter of mail servers against a strict server, and the fake that stands in for it."""

import email
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from bot.core.mails import Mail, MailNotSent, MailServer, MailTrouble, is_mail_address
from bot.delivery.smtp import SmtpMailer
from tests.delivery.certificates import write_certificate
from tests.delivery.smtp_stub import SmtpStub, open_smtp

HOST = "localhost"
PASSWORD = "mật khẩu bịa"
LETTER = Mail(
    id="m1",
    to="can.bo@example.vn",
    subject="⚠️ Bình Yên: có việc khẩn",
    text="Một tin báo mới, khẩn (Xã Bịa).\n.\nDòng sau dấu chấm. " + "rất dài " * 300,
    written_at=datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
)


@dataclass(kw_only=True)
class Line:
    stub: SmtpStub
    own: ssl.SSLContext

    def mailer(
        self,
        *,
        host: str = HOST,
        port: int = 0,
        password: str = "",
        limit_s: float = 3.0,
        is_stranger: bool = False,
    ) -> SmtpMailer:
        server = MailServer(
            host=host,
            port=port or self.stub.port,
            is_tls_first=self.stub.is_tls_first,
            user=self.stub.user,
            password=password or self.stub.password,
            sender="binh-yen@xa.example.vn",
        )
        return SmtpMailer(server, trust=None if is_stranger else self.own, limit_s=limit_s)


@pytest.fixture(params=[True, False], ids=["smtps", "starttls"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    async with opened(tmp_path, is_tls_first=request.param) as made:
        yield made


def opened(
    folder: Path, *, is_tls_first: bool, host: str = HOST
) -> AbstractAsyncContextManager[Line]:
    path = write_certificate(folder, host)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(path)
    own = ssl.create_default_context(cafile=str(path))
    return _line(SmtpStub(trust=theirs, is_tls_first=is_tls_first), own)


@asynccontextmanager
async def _line(stub: SmtpStub, own: ssl.SSLContext) -> AsyncIterator[Line]:
    async with open_smtp(stub):
        yield Line(stub=stub, own=own)
    assert stub.complaints == []


async def trouble_of(mailer: SmtpMailer) -> MailTrouble:
    with pytest.raises(MailNotSent) as caught:
        await mailer.send(LETTER)
    assert LETTER.to not in repr(caught.value)
    return caught.value.trouble


async def test_a_letter_arrives_encrypted_signed_in_and_as_it_was_written(line: Line) -> None:
    line.stub.user, line.stub.password = "may-chu", "mat khau bia"
    await line.mailer().send(LETTER)
    (taken,) = line.stub.taken
    assert (taken.was_encrypted, taken.was_signed_in) == (True, True)
    assert (taken.sender, taken.to) == ("binh-yen@xa.example.vn", [LETTER.to])
    read = email.message_from_bytes(taken.body, policy=default)
    assert read["Subject"] == LETTER.subject
    assert read["To"] == LETTER.to
    assert read["Message-ID"] == "<m1@xa.example.vn>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_content().replace("\r\n", "\n").rstrip() == LETTER.text.rstrip()
    # Nothing of this machine is told.
    assert socket.gethostname().encode() not in taken.body


async def test_a_look_signs_in_and_sends_nothing(line: Line) -> None:
    await line.mailer().check()
    assert line.stub.taken == []
    assert "MAIL" not in line.stub.commands


@dataclass(frozen=True, kw_only=True)
class Case:
    id: str
    says: tuple[str, str]
    trouble: MailTrouble


CASES = [
    Case(id="greylisted", says=("RCPT", "451 4.7.1 later"), trouble=MailTrouble.LATER),
    Case(id="no mailbox", says=("RCPT", "550 5.1.1 no"), trouble=MailTrouble.ADDRESS_REFUSED),
    Case(id="full", says=("RCPT", "452 4.2.2 full"), trouble=MailTrouble.LATER),
    Case(id="sender", says=("MAIL", "553 5.7.1 not you"), trouble=MailTrouble.SENDER_REFUSED),
    Case(id="sender later", says=("MAIL", "421 4.3.2 bye"), trouble=MailTrouble.LATER),
    Case(id="data later", says=("DATA", "451 4.3.0 later"), trouble=MailTrouble.LATER),
    Case(id="body later", says=("body", "451 4.3.0 later"), trouble=MailTrouble.LATER),
    Case(id="body", says=("body", "554 5.7.1 spam"), trouble=MailTrouble.LETTER_REFUSED),
    Case(id="greeting", says=("greeting", "554 go away"), trouble=MailTrouble.NO_ANSWER),
    Case(id="ehlo", says=("EHLO", "550 no"), trouble=MailTrouble.NO_ANSWER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_codes_say_what_a_failure_means(line: Line, case: Case) -> None:
    line.stub.says = dict([case.says])
    assert await trouble_of(line.mailer()) is case.trouble
    assert line.stub.taken == []


async def test_a_wrong_password_is_told_apart(line: Line) -> None:
    line.stub.user, line.stub.password = "may-chu", "right"
    assert await trouble_of(line.mailer(password="wrong")) is MailTrouble.SIGN_IN_REFUSED
    assert await trouble_of(line.mailer(password=PASSWORD)) is MailTrouble.SIGN_IN_REFUSED


@pytest.mark.parametrize("command", ["greeting", "EHLO", "DATA", "body"])
async def test_a_server_that_hangs_or_hangs_up_ends_the_wait(line: Line, command: str) -> None:
    line.stub.hangs_up_at = command
    assert await trouble_of(line.mailer()) is MailTrouble.NO_ANSWER
    line.stub.hangs_up_at, line.stub.hangs_at = "", command
    assert await trouble_of(line.mailer(limit_s=0.3)) is MailTrouble.NO_ANSWER


async def test_what_a_server_says_to_a_farewell_changes_nothing(line: Line) -> None:
    line.stub.says = {"QUIT": "500 stay"}
    await line.mailer().send(LETTER)
    assert len(line.stub.taken) == 1


@pytest.mark.parametrize("is_tls_first", [True, False], ids=["smtps", "starttls"])
async def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, *, is_tls_first: bool
) -> None:
    async with opened(tmp_path, is_tls_first=is_tls_first) as line:
        assert await trouble_of(line.mailer(is_stranger=True)) is MailTrouble.BAD_CERTIFICATE
        assert "MAIL" not in line.stub.commands


async def test_a_certificate_of_another_server_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path, is_tls_first=True, host="other.invalid") as line:
        assert await trouble_of(line.mailer()) is MailTrouble.BAD_CERTIFICATE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_only_a_server_on_this_machine_may_go_without_encryption(
    tmp_path: Path, host: str
) -> None:
    async with opened(tmp_path, is_tls_first=False) as line:
        line.stub.offers_tls = False
        await line.mailer(host=host).send(LETTER)
        assert [one.was_encrypted for one in line.stub.taken] == [False]
    async with opened(tmp_path, is_tls_first=False) as line:
        line.stub.offers_tls = False
        # Stands for any other name: what the rule looks at is the name.
        assert await trouble_of(line.mailer(host="LOCALHOST")) is MailTrouble.NOT_PRIVATE
        assert line.stub.taken == []


async def test_nobody_there_is_no_connection(tmp_path: Path) -> None:
    async with opened(tmp_path, is_tls_first=True) as line:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert await trouble_of(line.mailer(port=port)) is MailTrouble.NO_CONNECTION


ADDRESSES = {
    "a@b.vn": True,
    "can.bo+xa@thu.example.vn": True,
    "a@b.vn\r\nBcc: x@y.vn": False,
    "a@b.vn\n": False,
    "a@b.vn> RCPT TO:<x@y.vn": False,
    "a@b": False,
    "a b@c.vn": False,
    "Tên <a@b.vn>": False,
    "a@b.vn,c@d.vn": False,
    "ộ@b.vn": False,
    "@b.vn": False,
    "a@-b.vn": False,
    "a..b@c.vn": False,
    "x" * 65 + "@b.vn": False,
    "a@" + "b" * 250 + ".vn": False,
    "": False,
}


@pytest.mark.parametrize(("text", "is_right"), ADDRESSES.items(), ids=range(len(ADDRESSES)))
def test_an_address_is_one_address_and_nothing_else(text: str, *, is_right: bool) -> None:
    assert is_mail_address(text) is is_right
