"""What stands in the form of an announcement: as it was typed, and as what an officer means."""

from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Final

from bot.core.announcements import DEFAULT_GRACE, Announcement, Link
from bot.core.audience import Audience
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId, UnitId
from bot.services.announcements import announcing
from bot.services.announcements.announcing import LINKS_AT_MOST, Wording
from console.fields import read_due
from console.forms import Form, Problem
from console.moments import Moment

_MINUTE: Final = timedelta(minutes=1)
_DIGITS_MOST: Final = 6
_FIELD_OF: Final = {
    "title_wrong": "title",
    "text_wrong": "text",
    "text_unreadable": "text",
    "text_place_unknown": "text",
    "text_place_empty": "text",
    "due_wrong": "due",
    "due_unreadable": "due",
    "grace_wrong": "grace",
    "audience_empty": "without",
    "channel_unknown": "channels",
    "topic_unknown": "topics",
    "topics_urgent": "topics",
    "links_many": "link-label-1",
}

Errors = dict[str, Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the form. `attachment_id` is of what was handed in before, or empty."""

    unit_id: str
    title: str = ""
    text: str = field(default="", repr=False)
    is_urgent: bool = False
    is_public: bool = True
    is_later: bool = False
    due: str = ""
    grace: str = str(DEFAULT_GRACE // _MINUTE)
    attachment_id: str = ""
    more: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    missed: str = ""
    # Label and address of each.
    links: tuple[tuple[str, str], ...] = ()

    @property
    def link_rows(self) -> list[tuple[str, str]]:
        """Return the links and what is left open for more."""
        return [*self.links, *[("", "")] * (LINKS_AT_MOST - len(self.links))]

    @property
    def choices(self) -> int:
        """Return how many of the finer choices of recipients were made."""
        return len(self.channels) + len(self.topics) + bool(self.missed)


def typed(form: Form) -> Written:
    """Return what somebody sent."""
    links = zip(form.texts("link-label"), form.texts("link-url"), strict=False)
    return Written(
        unit_id=form.text("unit"),
        title=form.text("title"),
        text=form.text("text"),
        is_urgent=form.is_ticked("urgent"),
        is_public=form.is_ticked("public"),
        is_later=form.text("when") == "later",
        due=form.text("due"),
        grace=form.text("grace") or Written(unit_id="").grace,
        attachment_id=form.text("attachment"),
        more=form.texts("more"),
        without=form.texts("without"),
        channels=form.texts("channel"),
        topics=form.texts("topic"),
        missed=form.text("missed"),
        links=tuple(link for link in links if any(link)),
    )


def written_of(draft: Announcement, due: Moment | None) -> Written:
    """Return a draft as it stands in the form; `due` is its hour."""
    return Written(
        unit_id=draft.unit_id,
        title=draft.title,
        text=draft.text,
        is_urgent=draft.is_urgent,
        is_public=draft.is_public,
        is_later=due is not None,
        due=due.input if due else "",
        grace=str(draft.grace // _MINUTE),
        attachment_id=draft.attachment_id or "",
        more=draft.audience.more_unit_ids,
        without=draft.audience.without_unit_ids,
        channels=draft.channels,
        topics=draft.audience.topics,
        missed=draft.audience.missed or "",
        links=tuple((link.label, link.url) for link in draft.links),
    )


def wording_of(written: Written, errors: Errors, *, zone: tzinfo) -> Wording:
    """Return what was meant; what cannot be read is put into `errors` by its field."""
    due_at = None
    try:
        due_at = read_due(written.due, zone=zone) if written.is_later else None
    except RuleBroken as broken:
        errors.update(fault_of(broken))
    return Wording(
        unit_id=UnitId(written.unit_id),
        title=written.title,
        text=written.text,
        is_urgent=written.is_urgent,
        is_public=written.is_public,
        channels=tuple(ChannelId(one) for one in written.channels),
        due_at=due_at,
        grace=_grace(written, errors),
        attachment_id=AttachmentId(written.attachment_id) or None,
        audience=Audience(
            more_unit_ids=tuple(UnitId(one) for one in written.more),
            without_unit_ids=tuple(UnitId(one) for one in written.without),
            topics=written.topics,
            missed=AnnouncementId(written.missed) or None,
        ),
        links=_links(written, errors),
    )


def _grace(written: Written, errors: Errors) -> timedelta:
    minutes = written.grace
    is_number = minutes.isascii() and minutes.isdecimal() and len(minutes) <= _DIGITS_MOST
    # What is no number of minutes is told like one that is too large.
    grace = int(minutes) * _MINUTE if is_number else timedelta.max
    try:
        announcing.check_grace(grace)
    except RuleBroken as broken:
        errors.update(fault_of(broken))
        return DEFAULT_GRACE
    return grace


def _links(written: Written, errors: Errors) -> tuple[Link, ...]:
    links = tuple(Link(label=label, url=url) for label, url in written.links)
    for number, link in enumerate(links[:LINKS_AT_MOST], start=1):
        try:
            announcing.check_links((link,))
        except RuleBroken as broken:
            field_name = "link-label" if broken.key == "link_label_wrong" else "link-url"
            errors[f"{field_name}-{number}"] = Problem(key=broken.key, values=broken.values)
    return links


def fault_of(broken: RuleBroken) -> Errors:
    """Return what is wrong, by the field it belongs to."""
    problem = Problem(key=broken.key, values=broken.values)
    return {_FIELD_OF.get(broken.key, "text"): problem}
