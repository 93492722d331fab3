"""Handing letters over to a mail server: encrypted, its certificate checked, never for ever.

The standard library's client speaks for us in a thread; what it waits for is cut off from here,
so that a server that never ends a line holds up nobody. Knows neither queue nor officers.
"""

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Final

from bot.core.mails import Mail, MailNotSent, MailServer, MailTrouble

_WHOLE_LIMIT_S: Final = 30.0
_STEP_LIMIT_S: Final = 8.0
# What a server is told we are called: nothing of this machine.
_MYSELF: Final = "localhost"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED: Final = 500
_Act = Callable[[smtplib.SMTP], object]


@dataclass(slots=True)
class _Line:
    """A connection that may be cut from another thread."""

    smtp: smtplib.SMTP | None = None
    is_cut: bool = False

    def cut(self) -> None:
        self.is_cut = True
        sock = self.smtp.sock if self.smtp is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class SmtpMailer:
    """Fits `bot.core.mails.Mailer`."""

    def __init__(
        self,
        server: MailServer,
        *,
        trust: ssl.SSLContext | None = None,
        limit_s: float = _WHOLE_LIMIT_S,
    ) -> None:
        """`trust` says whose certificates count, else those this machine trusts.

        `limit_s` is how long one letter may take in all.
        """
        self._server = server
        self._trust = trust
        self._limit_s = limit_s

    async def send(self, mail: Mail) -> None:
        """Return once the server has taken the letter. Raise `MailNotSent`."""
        body = _spelled(mail, self._server.sender)
        sender = self._server.sender
        await self._done(lambda smtp: _handed_over(smtp, sender, mail.to, body))

    async def check(self) -> None:
        """Connect and sign in, and send nothing. Raise `MailNotSent`."""
        await self._done(smtplib.SMTP.noop)

    async def _done(self, act: _Act) -> None:
        line = _Line()
        try:
            async with asyncio.timeout(self._limit_s):
                await asyncio.to_thread(self._on_line, line, act)
        except TimeoutError as error:
            raise MailNotSent(MailTrouble.NO_ANSWER) from error
        finally:
            line.cut()

    def _on_line(self, line: _Line, act: _Act) -> None:
        """Do all of it, in a thread. Raise `MailNotSent`."""
        try:
            trust = self._trust or ssl.create_default_context()
            smtp = self._connected(line, trust)
            try:
                if line.is_cut:
                    raise MailNotSent(MailTrouble.NO_ANSWER)
                self._sign_in(smtp, trust)
                act(smtp)
                # What it says to a farewell changes nothing any more.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            finally:
                smtp.close()
        except MailNotSent:
            raise
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailNotSent(_trouble(error)) from error

    def _connected(self, line: _Line, trust: ssl.SSLContext) -> smtplib.SMTP:
        server = self._server
        try:
            smtp = (
                smtplib.SMTP_SSL(
                    server.host,
                    server.port,
                    local_hostname=_MYSELF,
                    timeout=_STEP_LIMIT_S,
                    context=trust,
                )
                if server.is_tls_first
                else smtplib.SMTP(
                    server.host, server.port, local_hostname=_MYSELF, timeout=_STEP_LIMIT_S
                )
            )
        except (ssl.SSLError, smtplib.SMTPException):
            raise
        except OSError as error:
            raise MailNotSent(MailTrouble.NO_CONNECTION) from error
        line.smtp = smtp
        return smtp

    def _sign_in(self, smtp: smtplib.SMTP, trust: ssl.SSLContext) -> None:
        server = self._server
        _greet(smtp)
        is_plain = not server.is_tls_first
        if is_plain and (smtp.has_extn("starttls") or server.host not in _LOOPBACK):
            _encrypt(smtp, trust)
            # What it said in the clear may have been put into its mouth.
            _greet(smtp)
        if not server.user:
            return
        try:
            smtp.login(server.user, server.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise MailNotSent(MailTrouble.SIGN_IN_REFUSED) from error
        except UnicodeEncodeError as error:
            raise MailNotSent(MailTrouble.SIGN_IN_REFUSED) from error


def _greet(smtp: smtplib.SMTP) -> None:
    """Ask what the server can do. Raise `MailNotSent` if it does not speak the protocol."""
    code, _ = smtp.ehlo()
    if code != 250:  # noqa: PLR2004 - yes (RFC 5321)
        raise MailNotSent(MailTrouble.NO_ANSWER)


def _encrypt(smtp: smtplib.SMTP, trust: ssl.SSLContext) -> None:
    """Go on encrypted. Raise `MailNotSent` if the server offers no such thing."""
    if not smtp.has_extn("starttls"):
        raise MailNotSent(MailTrouble.NOT_PRIVATE)
    try:
        code, _ = smtp.starttls(context=trust)
    except smtplib.SMTPResponseException as error:
        raise MailNotSent(MailTrouble.NOT_PRIVATE) from error
    if code != 220:  # noqa: PLR2004 - ready to begin (RFC 3207)
        raise MailNotSent(MailTrouble.NOT_PRIVATE)


def _handed_over(smtp: smtplib.SMTP, sender: str, to: str, body: bytes) -> None:
    smtp.sendmail(sender, [to], body)


def _spelled(mail: Mail, sender: str) -> bytes:
    """Return the letter as it goes over the wire, in ASCII, with lines of its own ending."""
    letter = EmailMessage(policy=WIRE)
    letter["From"] = sender
    letter["To"] = mail.to
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(mail.written_at)
    # The same at every try, so that a letter that came twice is known to be one.
    letter["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.text, cte="base64")
    return letter.as_bytes()


def _trouble(error: Exception) -> MailTrouble:
    """Return what a failure means; codes decide (RFC 5321: 4xx passes, 5xx stays)."""
    match error:
        case ssl.SSLCertVerificationError():
            return MailTrouble.BAD_CERTIFICATE
        case ssl.SSLError():
            return MailTrouble.NOT_PRIVATE
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return _by_code(max(codes, default=_REFUSED), MailTrouble.ADDRESS_REFUSED)
        case smtplib.SMTPSenderRefused():
            return _by_code(error.smtp_code, MailTrouble.SENDER_REFUSED)
        case smtplib.SMTPServerDisconnected():
            return MailTrouble.NO_ANSWER
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return MailTrouble.NO_ANSWER
        case smtplib.SMTPResponseException():
            return _by_code(error.smtp_code, MailTrouble.LETTER_REFUSED)
        case _:
            return MailTrouble.NO_ANSWER


def _by_code(code: int, refused: MailTrouble) -> MailTrouble:
    return refused if code >= _REFUSED else MailTrouble.LATER
