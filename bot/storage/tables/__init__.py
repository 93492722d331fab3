"""Every table by its name, so that a collection asks for `tables.people`."""

from bot.storage.tables.api import api_tokens, hook_calls, hooks
from bot.storage.tables.edits import content_drafts, content_edits, unknown_questions
from bot.storage.tables.handovers import handover_words, handovers
from bot.storage.tables.keeping import attachments, groups, slips, uploads
from bot.storage.tables.officers import (
    key_holders,
    mails,
    officer_chats,
    officer_mails,
    officers,
    saved_filters,
    sessions,
    sign_in_tries,
)
from bot.storage.tables.outbox import announcements, deliveries
from bot.storage.tables.records import audit, audit_heads, fired, leases, settings
from bot.storage.tables.registry import metadata
from bot.storage.tables.residents import households, interests, people, units
from bot.storage.tables.tips import (
    receipt_tries,
    route_chats,
    route_letters,
    route_posts,
    tip_counts,
    tip_keys,
    tip_records,
    tip_routes,
    tips,
)
from bot.storage.tables.traffic import channels, dialogues, inbox, letters, mailboxes

__all__ = [
    "announcements",
    "api_tokens",
    "attachments",
    "audit",
    "audit_heads",
    "channels",
    "content_drafts",
    "content_edits",
    "deliveries",
    "dialogues",
    "fired",
    "groups",
    "handover_words",
    "handovers",
    "hook_calls",
    "hooks",
    "households",
    "inbox",
    "interests",
    "key_holders",
    "leases",
    "letters",
    "mailboxes",
    "mails",
    "metadata",
    "officer_chats",
    "officer_mails",
    "officers",
    "people",
    "receipt_tries",
    "route_chats",
    "route_letters",
    "route_posts",
    "saved_filters",
    "sessions",
    "settings",
    "sign_in_tries",
    "slips",
    "tip_counts",
    "tip_keys",
    "tip_records",
    "tip_routes",
    "tips",
    "units",
    "unknown_questions",
    "uploads",
]
