"""The whole book of words: reads every content file, checks them, and hands them out.

Says nothing by itself. A mistake anywhere stops the start with one `ContentError` that lists
every file, line and reason.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from content.announcements import FOLDER as ANNOUNCEMENTS_FOLDER
from content.announcements import AnnouncementTemplate, read_announcements
from content.danger import Danger, read_danger
from content.danger_signs import Signs, read_signs
from content.danger_weights import DangerWeights, read_weights
from content.edits import ContentEdit, lay_over
from content.english import read_english
from content.facts import Fact, read_facts
from content.faults import Faults
from content.following import Following, read_following
from content.interests import Interest, read_interests
from content.items import Item, read, read_folder
from content.names import Names, read_names
from content.office_hours import OfficeHourReading, read_office_hours
from content.outreach import OutreachCalendar, read_calendar
from content.places import Place, read_places
from content.reporting import Reporting, read_reporting
from content.revealing import Revealing, read_revealing
from content.scams import Scams, read_scams
from content.sentences import Sentences, Voice, read_sentences, voice
from content.shorthand import read_shorthand
from content.topic_weights import TopicWeights, read_topic_weights
from content.topics import FOLDER as TOPICS_FOLDER
from content.topics import Topic, TopicReader
from content.utterances import FOLDER as UTTERANCES_FOLDER
from content.utterances import Utterance, read_utterances
from content.wording import Wording, read_abbreviations
from content.words import Command, CommandWords, read_words

OWN_FOLDER: Final = Path(__file__).parent


# Not shown whole: whatever holds the book would take tenths of a second to be named in a log.
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Book:
    """Every word the program says or listens for. Reading it again gives a new book."""

    facts: Mapping[str, Fact]
    sections: Mapping[str, Sentences]
    topics: Mapping[str, Topic]
    utterances: Sequence[Utterance]
    topic_weights: TopicWeights
    announcements: Mapping[str, AnnouncementTemplate]
    calendar: OutreachCalendar
    words: CommandWords
    shorthand: Mapping[str, str]
    english: Collection[str]
    names: Names
    danger: Danger
    danger_signs: Signs
    danger_weights: DangerWeights
    reporting: Reporting
    revealing: Revealing
    places: Mapping[str, Place]
    interests: Mapping[str, Interest]
    scams: Scams
    following: Following
    office_hours: OfficeHourReading

    @property
    def edition(self) -> "Book":
        """The book as it is at this moment: another one whenever officers changed something."""
        return self

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Return the book read from `folder`, by default the files beside this module.

        Raises `ContentError` with one line `file:line: reason` for each mistake.
        """
        faults = Faults()
        book = cls.read(folder, faults=faults)
        faults.raise_if_any()
        return book

    @classmethod
    def read(
        cls, folder: Path | None = None, *, edits: Sequence[ContentEdit] = (), faults: Faults
    ) -> Self:
        """Return the book with `edits` laid over its files, noting every mistake in `faults`."""
        folder = folder or OWN_FOLDER

        def file(name: str) -> Item | None:
            return read(folder / name, below=folder, faults=faults)

        fact_file = file("facts.yaml")
        topic_files = read_folder(folder / TOPICS_FOLDER, below=folder, faults=faults)
        lay_over(edits, facts=fact_file, topics=topic_files)
        facts = read_facts(fact_file)
        wording = Wording(abbreviations=read_abbreviations(file("abbreviations.yaml")))
        sections = read_sentences(folder, facts=facts, wording=wording, faults=faults)
        topics = TopicReader(facts=facts, wording=wording).read(topic_files, faults)
        utterances = read_utterances(folder / UTTERANCES_FOLDER, topics, faults)
        template_files = read_folder(folder / ANNOUNCEMENTS_FOLDER, below=folder, faults=faults)
        announcements = read_announcements(template_files, facts=facts, wording=wording)
        calendar = read_calendar(file("calendar.yaml"), announcements)
        office_hours = read_office_hours(file("office_hours.yaml"), calendar)
        words = read_words(file("words.yaml"))
        shorthand = read_shorthand(file("shorthand.yaml"))
        english = read_english(file("english.yaml"))
        danger = read_danger(file("danger.yaml"), facts)
        signs = read_signs(file("danger_signs.yaml"))
        weights = read_weights(folder, faults)
        reporting = read_reporting(file("reporting.yaml"))
        revealing = read_revealing(file("revealing.yaml"))
        places = read_places(file("places.yaml"))
        interests = read_interests(file("interests.yaml"), wording)
        scams = read_scams(file("scams.yaml"), facts=facts, topics=topics, wording=wording)
        following = read_following(file("following.yaml"))
        return cls(
            facts=facts,
            sections=sections,
            topics=topics,
            utterances=utterances,
            topic_weights=read_topic_weights(folder),
            announcements=announcements,
            calendar=calendar,
            words=words,
            shorthand=shorthand,
            english=english,
            names=read_names(file("names.yaml")),
            danger=danger,
            danger_signs=signs,
            danger_weights=weights,
            reporting=reporting,
            revealing=revealing,
            places=places,
            interests=interests,
            scams=scams,
            following=following,
            office_hours=office_hours,
        )

    def voice(self, section: str, *keys: str) -> Voice:
        """Return the voice of `section` for `keys`, for all its keys when none is named.

        Raises `ContentError` if the section or a key is missing: ask for it in constructors, so
        that a missing word stops the start.
        """
        return voice(self.sections, section, keys)

    def command(self, text: str) -> Command | None:
        """Return the command that a resident's `text` is, or None if it is anything else."""
        return self.words.command(text)
