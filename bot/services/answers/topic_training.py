"""How topics are learned from examples and utterances. Draws no lots: the same give the same.

Called by `binhyen content learn`, and while the program runs where officers changed examples.
"""

import hashlib
import math
from collections.abc import Container, Iterable, Sequence

import msgspec

from bot.core.languages import Language
from bot.services.answers.features import PLAIN, features
from bot.services.answers.linear_training import learned_rows
from bot.services.answers.nearest import Label, rarity
from bot.services.answers.within import HUNDREDTHS
from bot.services.answers.within_training import learned_within
from bot.services.answers.wordings import Sentence, Spelling
from content.book import Book
from content.topic_weights import TopicWeights, mark_of, packed_marks, packed_real, packed_whole
from content.topics import MAIN
from content.utterances import ANY


def weights_for(book: Book, *known: TopicWeights) -> TopicWeights:
    """Return the first of `known` that was learned from what `book` says, else learn it."""
    now = fingerprint(book)
    return next((one for one in known if one.learned_from == now), None) or learned(book)


def learned(book: Book) -> TopicWeights:
    """Return what is learned from the examples and utterances of `book`."""
    spelling = spelling_of(book)
    weights = learned_from(
        [(label, spelling.sentences(text)) for label, _, text in said_of(book)],
        [(label, spelling.sentences(text)) for label, _, text in texts_of(book)],
    )
    return msgspec.structs.replace(
        weights, learned_from=fingerprint(book), known=tuple(sorted(spelling.known))
    )


def learned_from(
    examples: Iterable[tuple[Label, list[Sentence]]],
    texts: Iterable[tuple[Label, list[Sentence]]] = (),
) -> TopicWeights:
    """Return what is learned from `examples`, without words and fingerprint.

    `texts` are what the answers say themselves: they tell answers apart, not topics.
    """
    # One text for each feature, however often it is met: a tenth of the memory.
    kept: dict[str, str] = {}
    read = [
        (label, [kept.setdefault(name, name) for name in features(said)])
        for label, said in examples
    ]
    answers = sorted({_whole(label) for label, _ in read})
    topics = sorted({label.topic for label in answers})
    rows = learned_rows([(label.topic, found) for label, found in read], topics)
    places: dict[str, list[int]] = {}
    for number, (_, found) in enumerate(read):
        for name in found:
            places.setdefault(name, []).append(number)
    names = sorted(places, key=lambda name: (name not in rows, mark_of(name)))
    numbers = {label: number for number, label in enumerate(answers)}
    told = [(label, features(said)) for label, said in texts if label in numbers]
    within = learned_within(
        (label, _plain(found, places)) for label, found in (*read, *told) if label.answer != ANY
    )
    tellers = [within.telling.get(name, {}) for name in names]
    return TopicWeights(
        topics=tuple(topics),
        answers=tuple((label.topic, label.answer) for label in answers),
        features=packed_marks(map(mark_of, names)),
        rows=packed_whole(weight for name in names if name in rows for weight in rows[name]),
        seen=packed_whole(len(places[name]) for name in names),
        places=packed_whole(number for name in names for number in places[name]),
        labels=packed_whole(numbers[_whole(label)] for label, _ in read),
        lengths=packed_real(_lengths(read, places)),
        tellers=packed_whole(len(row) for row in tellers),
        told=packed_whole(numbers[label] for row in tellers for label in row),
        telling=packed_whole(
            round(weight * HUNDREDTHS) for row in tellers for weight in row.values()
        ),
        others=packed_real(within.others[label] for label in answers),
    )


def _whole(label: Label) -> Label:
    """Return the label of the topic as a whole where no answer is known."""
    return Label(topic=label.topic, answer=MAIN) if label.answer == ANY else label


def _plain(found: Iterable[str], known: Container[str]) -> list[str]:
    return [name for name in found if name[0] in PLAIN and name in known]


def _lengths(
    read: Sequence[tuple[Label, Sequence[str]]], places: dict[str, list[int]]
) -> Iterable[float]:
    squares = {
        name: rarity(name, examples=len(read), seen=len(found)) ** 2
        for name, found in places.items()
    }
    return (math.sqrt(sum(map(squares.__getitem__, found))) or 1.0 for _, found in read)


def fingerprint(book: Book) -> str:
    """Return what tells the words that topics are learned from from all others.

    What the answers say is not among them: a sentence put better is no reason to learn anew.
    """
    told = hashlib.sha256()
    for label, language, text in said_of(book):
        told.update(f"{label.topic}/{label.answer}/{language}: {text}\n".encode())
    for short, written in book.shorthand.items():
        told.update(f"{short}={written}\n".encode())
    for word in (*sorted(book.english), *book.danger_signs.phrases):
        told.update(f"{word}\n".encode())
    return told.hexdigest()[:16]


def said_of(book: Book) -> list[tuple[Label, Language, str]]:
    """Return every example of a topic and every utterance, with its language."""
    examples = [
        (Label(topic=topic.key, answer=answer.key), language, example)
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for language, spoken in answer.examples.items()
        for example in spoken
    ]
    examples += [
        (Label(topic=one.topic, answer=one.answer), one.language, one.text)
        for one in book.utterances
    ]
    return examples


def texts_of(book: Book) -> list[tuple[Label, Language, str]]:
    """Return the title and the short text of every answer, with its language."""
    return [
        (Label(topic=topic.key, answer=answer.key), language, text)
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for spoken in (answer.title, answer.short)
        for language, text in spoken.items()
    ]


def spelling_of(book: Book) -> Spelling:
    """Return how messages are read: by the words of the examples and of the signs of danger."""
    examples = said_of(book)
    signs = list(book.danger_signs.phrases)
    return Spelling.of(
        [
            *(text for _, language, text in examples if language is Language.VI),
            *(phrase for phrase in signs if not phrase.isascii()),
        ],
        foreign=[
            *book.english,
            *(text for _, language, text in examples if language is Language.EN),
            *(phrase for phrase in signs if phrase.isascii()),
        ],
        shorthand=book.shorthand,
    )
