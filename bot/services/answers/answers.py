"""What is said to a question: danger first, then the topic it is about, else that we do not know.

Deterministic and without memory; who asks, and keeping the topic between questions, is left to
the dialogues. Facts and words come from the book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.languages import Language
from bot.services.answers.composing import Composing
from bot.services.answers.danger_features import SHARE_MARKED, SHARE_UNMARKED, forms
from bot.services.answers.danger_model import DangerModel
from bot.services.answers.ranking import Ranked, Ranking
from bot.services.answers.topic_training import weights_for
from bot.services.answers.wordings import Sentence, Spelling
from content.book import Book
from content.danger import DangerRule, EmergencyKind
from content.filling import UNIT_PREFIX
from content.topic_weights import TopicWeights
from content.topics import GREETING, OUT_OF_SCOPE

UNKNOWN: Final = "unknown"

# Likelihoods, found by trying: what is less likely was wrong more often than right.
_LEAST_SCORE: Final = 0.2
# A short message with a topic so likely does not follow on from the one before.
_OWN_TOPIC_SCORE: Final = 0.6
_SUGGESTIONS: Final = 3
# No examples can show all that is none of our business, so it is likelier than they tell.
_OUT_OF_SCOPE_LIKELIER: Final = 3.0
# "And how much is the fine?": so few words, without a clear topic of their own, follow on.
_LONGEST_FOLLOW_UP: Final = 12

_DANGER_CONFIDENCE: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to say. `texts` are one message each.

    `intent` is a topic key or `unknown`; `confidence` is from 0 to 1; `emergency` is the danger
    someone is in now, and `number` then the line to call first; `suggestions` are topic keys to
    offer when unsure; `hand_over` asks for a person to look; `name` is the one of the topic's
    answers that was chosen, empty for its main one.
    """

    intent: str
    confidence: float
    emergency: EmergencyKind | None
    number: str | None
    texts: tuple[str, ...]
    suggestions: tuple[str, ...]
    hand_over: bool
    name: str = ""


class Answers:
    """Answers questions from the book."""

    def __init__(self, book: Book, *, weights: TopicWeights | None = None) -> None:
        """Tell topics apart by `weights`, even if they were learned from other examples.

        Without them, by those of the book; where its examples were changed since, they are
        learned first, which takes a second. Raises `ContentError` if a sentence is missing.
        """
        self._book = book
        self.weights: Final = weights or weights_for(book, book.topic_weights)
        self._emergency = book.voice("emergency", *EmergencyKind)
        self._menu = book.voice("menu", "unknown", "unsure_title")
        self._composing = Composing(book)
        self._spelling = Spelling(shorthand=book.shorthand, known=frozenset(self.weights.known))
        self._model = DangerModel(book.danger, book.danger_signs, book.danger_weights)
        self._ranking = Ranking(self.weights, likelier={OUT_OF_SCOPE: _OUT_OF_SCOPE_LIKELIER})

    def answer(
        self,
        text: str,
        *,
        unit: Mapping[str, str],
        language: Language,
        topic_before: str | None = None,
    ) -> Answer:
        """Return what to say to `text`.

        `unit` holds what only the unit knows, by the names of the content files with or without
        `unit_` (duty_phone, area_officer …); what is missing or blank is left out of the answer.
        `topic_before` is the topic just talked about: a short message that has no clear topic of
        its own gets the best of its answers. A topic that is no more is left alone.
        """
        said = self._spelling.sentences(text)
        ranked = self._ranking.rank(said)
        if (rule := self._model.find(said)) is not None:
            return self._in_danger(rule, ranked, language)
        if topic_before and topic_before in self._book.topics and _may_follow(said, ranked):
            score = next((one.score for one in ranked if one.topic == topic_before), 0.0)
            return self._known(topic_before, score, said, unit=_named(unit), language=language)
        if not ranked or self._is_gibberish(said):
            return self._not_understood(said, _named(unit), language)
        if ranked[0].score >= _LEAST_SCORE:
            best = ranked[0]
            return self._known(best.topic, best.score, said, unit=_named(unit), language=language)
        return self._unsure(ranked, language)

    def topic(
        self,
        key: str,
        *,
        unit: Mapping[str, str],
        language: Language,
        answer: str = "",
        asked: str = "",
    ) -> Answer:
        """Return what the topic `key` says, as when its button was tapped.

        That is its answer `answer`, else the one that fits best what was `asked`, else the main
        one.
        """
        if answer:
            return self._told(key, answer, 1.0, unit=_named(unit), language=language)
        said = self._spelling.sentences(asked)
        return self._known(key, 1.0, said, unit=_named(unit), language=language)

    def danger(self, text: str, *, only_sure: bool = False) -> DangerRule | None:
        """Return the danger someone is in at the moment of writing, or None.

        With `only_sure`, only danger that the words name by themselves.
        """
        return self._model.find(self._spelling.sentences(text), only_sure=only_sure)

    def danger_for_pages(self) -> Mapping[str, object]:
        """Return all that a page needs to find danger in a text that it does not send."""
        return {
            **self._book.danger.expressions,
            **self._spelling.for_pages(),
            "share_marked": SHARE_MARKED,
            "share_unmarked": SHARE_UNMARKED,
            "model": self._model.for_pages(),
        }

    def tells_on_somebody(self, text: str) -> bool:
        """Tell whether `text` says what somebody else has done wrong, and does not just ask."""
        return any(
            self._book.reporting.is_in(f" {form} ", with_marks=with_marks)
            for sentence in self._spelling.sentences(text)
            for form, with_marks in forms(sentence, sentence.sounded)
        )

    def _is_gibberish(self, said: list[Sentence]) -> bool:
        known = self._spelling.known
        return not any(word in known for sentence in said for word in sentence.folded.split())

    def _in_danger(self, rule: DangerRule, ranked: list[Ranked], language: Language) -> Answer:
        return Answer(
            intent=_topic_in_danger(rule, ranked),
            confidence=_DANGER_CONFIDENCE,
            emergency=rule.kind,
            number=self._book.facts[rule.number].value[language],
            texts=(self._emergency(rule.kind, language),),
            suggestions=(),
            hand_over=True,
        )

    def _known(
        self,
        topic: str,
        score: float,
        said: list[Sentence],
        *,
        unit: Mapping[str, str],
        language: Language,
    ) -> Answer:
        name = self._ranking.answer(topic, said) or ""
        return self._told(topic, name, score, unit=unit, language=language)

    def _told(
        self,
        topic: str,
        name: str,
        score: float,
        *,
        unit: Mapping[str, str],
        language: Language,
    ) -> Answer:
        answers = self._book.topics[topic].answers
        # One that was learned may be no more.
        main = next(iter(answers.values()))
        answer = answers.get(name) or main
        return Answer(
            intent=topic,
            confidence=round(score, 3),
            emergency=None,
            number=None,
            texts=self._composing.texts(answer, unit, language),
            suggestions=(),
            hand_over=answer.hand_over,
            name="" if answer is main else answer.key,
        )

    def _unsure(self, ranked: list[Ranked], language: Language) -> Answer:
        return Answer(
            intent=UNKNOWN,
            confidence=round(ranked[0].score, 3),
            emergency=None,
            number=None,
            texts=(self._menu("unsure_title", language),),
            suggestions=_offered(ranked),
            hand_over=False,
        )

    def _not_understood(
        self, said: list[Sentence], unit: Mapping[str, str], language: Language
    ) -> Answer:
        if said and OUT_OF_SCOPE in self._book.topics:
            return self._told(OUT_OF_SCOPE, "", _LEAST_SCORE, unit=unit, language=language)
        return Answer(
            intent=UNKNOWN,
            confidence=0.0,
            emergency=None,
            number=None,
            texts=(self._menu("unknown", language),),
            suggestions=(),
            hand_over=False,
        )


def _may_follow(said: list[Sentence], ranked: list[Ranked]) -> bool:
    words = sum(len(sentence.folded.split()) for sentence in said)
    return 0 < words <= _LONGEST_FOLLOW_UP and not (ranked and ranked[0].score >= _OWN_TOPIC_SCORE)


def _topic_in_danger(rule: DangerRule, ranked: list[Ranked]) -> str:
    """Return the rule's topic, unless the message is clearly about another kind of harm."""
    near = {
        EmergencyKind.VIOLENCE: {"domestic_violence", "child_protection", "loan_shark"},
    }.get(rule.kind, set())
    of_harm = (one.topic for one in ranked[:2] if one.topic in near and one.score >= _LEAST_SCORE)
    clear = (
        one.topic
        for one in ranked[:1]
        if one.score >= _OWN_TOPIC_SCORE and one.topic not in {GREETING, OUT_OF_SCOPE}
    )
    return next(of_harm, None) or next(clear, rule.topic)


def _offered(ranked: list[Ranked]) -> tuple[str, ...]:
    kept = [one.topic for one in ranked if one.topic not in {GREETING, OUT_OF_SCOPE}]
    return tuple(kept[:_SUGGESTIONS])


def _named(unit: Mapping[str, str]) -> Mapping[str, str]:
    return {UNIT_PREFIX + name.removeprefix(UNIT_PREFIX): value for name, value in unit.items()}
