"""Notices to officers, joined over the program's parts; by e-mail where a mail server is set."""

from typing import TYPE_CHECKING

from bot.delivery.smtp import SmtpMailer
from bot.services.mail_addresses import MailAddresses
from bot.services.mailing import WORDS, Mailing
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices

if TYPE_CHECKING:
    from bot.app.program import Program


def made_mailing(program: "Program") -> Mailing:
    """Return what tells officers by e-mail."""
    server = program.config.mail_server
    return Mailing(
        storage=program.storage,
        envelopes=program.envelopes,
        mailer=SmtpMailer(server) if server else None,
        voice=program.book.voice("notices", *WORDS),
        clock=program.clock,
        chance=program.chance,
        console_url=f"{program.config.public_url}/console",
    )


def made_mail_addresses(program: "Program") -> MailAddresses:
    """Return where officers get notices by e-mail."""
    return MailAddresses(
        storage=program.storage,
        envelopes=program.envelopes,
        audit=program.audit,
        mailing=program.mailing,
        pseudonyms=program.vault.lasting,
        clock=program.clock,
        chance=program.chance,
    )


def made_notices(program: "Program") -> Notices:
    """Return what tells officers where they want to be told."""
    return Notices(
        storage=program.storage,
        envelopes=program.envelopes,
        audit=program.audit,
        mailing=program.mailing,
        voice=program.book.voice("notices", *NOTICE_WORDS),
        pseudonyms=program.vault.lasting,
        clock=program.clock,
        chance=program.chance,
    )
