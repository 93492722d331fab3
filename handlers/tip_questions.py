"""How the questions of a tip are worded, and the choices under them."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.core.channels import ChannelKind
from bot.core.messages import Choice, Outgoing
from bot.core.tips import TipCategory
from bot.core.turns import Turn
from bot.services.tips.receiving.pictures import MOST_PICTURES
from content.book import Book
from content.revealing import Hint
from handlers.dialogue import says
from handlers.revealing import revealed
from handlers.writing import PICTURES

START: Final = "~tip_start"
SEND: Final = "~tip_send"
EDIT: Final = "~tip_edit"
KEEP: Final = "~tip_keep"
IS_URGENT: Final = "~tip_is_urgent"
NOT_URGENT: Final = "~tip_not_urgent"
CONTACT: Final = "~tip_contact"
ABOUT: Final = "~tip_about"
CATEGORY: Final = "~tip_"
SKIP: Final = "/boqua"
# Gathered where officers may ask back in this chat.
MAY_ASK: Final = "contact"
# Gathered where it is about an officer or the police itself.
ABOUT_OFFICER: Final = "about"
_CARDS: Final = {
    ChannelKind.WEB: "card_web",
    ChannelKind.TELEGRAM: "card_telegram",
    ChannelKind.ZALO: "card_zalo",
}
_CONTACTS: Final = {
    ChannelKind.WEB: "ask_contact_web",
    ChannelKind.TELEGRAM: "ask_contact_telegram",
    ChannelKind.ZALO: "ask_contact_zalo",
}


class TipQuestions:
    """Words the questions."""

    def __init__(self, book: Book, *, form_url: str) -> None:
        self._say = book.voice("tips")
        self._menu = book.voice("menu", "skip", "cancel", "back")
        self._form_url = form_url

    def ask(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Outgoing:
        """Return the question; the last one, the review, repeats what was gathered."""
        match question:
            case "card":
                return self._card(turn)
            case "category":
                return says(
                    self._say("ask_category", turn.language),
                    *self._categories(turn, is_about=ABOUT_OFFICER in gathered),
                )
            case "what":
                return says(self._say("ask_what", turn.language), *self._ways(turn))
            case "pictures":
                none = Choice(label=self._say("no_pictures", turn.language), word=SKIP)
                text = self._say("ask_pictures", turn.language, most=MOST_PICTURES)
                return says(text, none, *self._ways(turn))
            case "contact":
                no = Choice(label=self._say("contact_no", turn.language), word=SKIP)
                yes = Choice(label=self._say("contact_yes", turn.language), word=CONTACT)
                text = self._say(_CONTACTS[turn.channel_kind], turn.language)
                return says(text, no, yes, *self._ways(turn))
            case "urgent":
                return says(
                    self._say("urgent_ask", turn.language),
                    Choice(label=self._say("urgent_yes", turn.language), word=IS_URGENT),
                    Choice(label=self._say("urgent_no", turn.language), word=NOT_URGENT),
                    Choice(label=self._menu("cancel", turn.language), word="/huy"),
                )
            case "where" | "when":
                skip = Choice(label=self._menu("skip", turn.language), word=SKIP)
                text = self._say(f"ask_{question}", turn.language)
                return says(text, skip, *self._ways(turn))
            case _:
                return self._review(turn, gathered)

    def reveals(self, turn: Turn, hints: Sequence[Hint]) -> Outgoing:
        """Return the question whether to change what may reveal who writes."""
        return says(
            revealed(self._say, turn.language, hints),
            Choice(label=self._say("edit", turn.language), word=EDIT),
            Choice(label=self._say("keep", turn.language), word=KEEP),
            is_secret=True,
        )

    def _card(self, turn: Turn) -> Outgoing:
        key = _CARDS[turn.channel_kind]
        start = Choice(label=self._say("start", turn.language), word=START)
        cancel = Choice(label=self._menu("cancel", turn.language), word="/huy")
        if turn.channel_kind is ChannelKind.WEB:
            return says(self._say(key, turn.language), start, cancel)
        form = Choice(label=self._say("open_form", turn.language), url=self._form_url)
        text = self._say(key, turn.language, link=self._form_url)
        return says(text, start, form, cancel)

    def _categories(self, turn: Turn, *, is_about: bool) -> list[Choice]:
        named = [
            Choice(label=self._say(one.value, turn.language), word=CATEGORY + one.value)
            for one in TipCategory
        ]
        about = Choice(label=self._say("about_officer", turn.language), word=ABOUT)
        return [*named, *([] if is_about else [about]), *self._ways(turn)]

    def _ways(self, turn: Turn) -> list[Choice]:
        """Return the ways out that stand under every question."""
        return [
            Choice(label=self._menu("back", turn.language), word="/quaylai"),
            Choice(label=self._menu("cancel", turn.language), word="/huy"),
        ]

    def _review(self, turn: Turn, gathered: Mapping[str, str]) -> Outgoing:
        blank = self._say("not_said", turn.language)
        text = self._say(
            "review",
            turn.language,
            category=self._say(gathered.get("category", "crime"), turn.language),
            what=gathered.get("what", blank),
            where=gathered.get("where", blank),
            when=gathered.get("when", blank),
            pictures=gathered.get(PICTURES, "0"),
            contact=self._say(
                "contact_yes" if MAY_ASK in gathered else "contact_no", turn.language
            ),
        )
        choices = (
            Choice(label=self._say("send", turn.language), word=SEND),
            Choice(label=self._say("edit", turn.language), word=EDIT),
            Choice(label=self._menu("cancel", turn.language), word="/huy"),
        )
        # It repeats the tip, so it is shown and not kept.
        return says(text, *choices, is_secret=True)
