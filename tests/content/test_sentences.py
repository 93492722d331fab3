import re

import pytest

from bot.core.languages import Language
from content.book import Book
from content.faults import ContentError

ASKED = {
    "menu": "greeting help menu_title choice_ask choice_tip choice_join choice_emergency "
    "choice_track choice_privacy choice_person choice_leave unknown too_long unsupported_kind "
    "trouble unsure_title back skip cancel cancelled nothing_to_cancel "
    "expired_step yes no",
    "emergency": "numbers fire violence medical drowning child trafficking suicide breakin "
    "disaster offer_tell false_alarm",
    "join": "ask_code unknown_code ask_consent agree decline joined already_joined declined left "
    "not_joined moved",
    "privacy": "stored_nothing stored delete_ask delete_button deleted export_hint notice",
    "pledge": "text sign signed already_signed",
    "tips": "card_zalo card_telegram card_web start ask_category crime fire traffic "
    "drugs scam violence children trafficking weapons disorder mediation ask_what ask_where "
    "ask_when review send edit sent may_reveal keep too_short urgent_ask follow_ask_code "
    "follow_unknown follow_wait state_new state_in_verification state_passed_on state_needs_more "
    "state_resolved state_unfounded state_doubled state_spam state_false follow_status "
    "draft_expired picture_refused",
    "announcement": "prefix urgent_prefix correction footer_leave date_line",
}


@pytest.mark.parametrize("section", ASKED)
def test_every_sentence_the_dialogues_need_is_there(book: Book, section: str) -> None:
    assert book.voice(section, *ASKED[section].split()).keys == set(ASKED[section].split())


def test_a_missing_sentence_is_found_when_the_voice_is_asked_for(book: Book) -> None:
    with pytest.raises(ContentError, match=r"join\.yaml lacks: nothing, nowhere"):
        book.voice("join", "joined", "nothing", "nowhere")


def test_a_missing_section_is_found_when_the_voice_is_asked_for(book: Book) -> None:
    with pytest.raises(ContentError, match="nothing"):
        book.voice("nothing")


def test_a_voice_says_only_what_it_was_asked_for(book: Book) -> None:
    voice = book.voice("join", "joined")
    with pytest.raises(ContentError, match="left"):
        voice("left", Language.VI)


@pytest.mark.parametrize("values", [{}, {"unit": "x", "code": "y"}, {"code": "y"}])
def test_values_must_be_those_of_the_sentence(book: Book, values: dict[str, str]) -> None:
    voice = book.voice("join", "joined")
    with pytest.raises(ContentError, match=r"join\.joined wants the values \['unit'\]"):
        voice("joined", Language.VI, **values)


def test_a_value_is_never_read_as_a_place(book: Book) -> None:
    said = book.voice("join", "joined")("joined", Language.EN, unit="{code} {unit_duty_phone}")
    assert "{code} {unit_duty_phone}" in said


def test_a_line_the_unit_has_not_filled_is_left_out(book: Book) -> None:
    voice = book.voice("emergency", "numbers")
    bare = voice("numbers", Language.VI, unit="xã A")
    blank = voice("numbers", Language.VI, unit="xã A", unit_duty_phone="  ")
    full = voice("numbers", Language.VI, unit="xã A", unit_duty_phone="0000", unit_address="B")
    assert bare == blank
    assert "xã A" not in bare
    assert "xã A): 0000" in full
    assert len(full.splitlines()) == len(bare.splitlines()) + 1


@pytest.mark.parametrize("language", Language)
def test_danger_begins_with_the_number_to_call(book: Book, language: Language) -> None:
    first = {
        "fire": "114",
        "violence": "113",
        "medical": "115",
        "drowning": "114",
        "child": "113",
        "trafficking": "113",
        "suicide": "115",
        "breakin": "113",
        "disaster": "112",
    }
    voice = book.voice("emergency", *first)
    assert {key: voice(key, language)[:3] for key in first} == first


def test_no_sentence_shows_a_hole(book: Book) -> None:
    for section, sentences in book.sections.items():
        voice = book.voice(section)
        for key, texts in sentences.items():
            for language, text in texts.items():
                names = set(re.findall(r"{([a-z_]+)}", text))
                values = {name: "x" for name in names if not name.startswith("unit_")}
                assert "{" not in voice(key, language, **values), f"{section}.{key}"
