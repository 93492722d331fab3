"""The forms of answers and facts: what was typed, as it would stand in a file, and back."""

from collections.abc import Mapping, Sequence

from bot.core.languages import Language
from console.forms import Form
from content.facts import Mark
from content.sources import EXAMPLES, LISTS, TEXTS, Written


def read_answer(form: Form) -> Written:
    """Return the answer that was typed."""
    read: dict[str, object] = {
        "mark": Mark.SURE.value if form.is_ticked("is_sure") else Mark.LIKELY.value,
        "hand_over": "yes" if form.is_ticked("hand_over") else "no",
    }
    for name in TEXTS:
        read[name] = _spoken({one: form.text(f"{name}_{one}") for one in Language})
    for name in LISTS:
        read[name] = [text for text in form.texts(name) if text]
    read[EXAMPLES] = {
        one.value: lines for one in Language if (lines := _lines(form.text(f"{EXAMPLES}_{one}")))
    }
    return read


def shown_answer(written: Written) -> Mapping[str, object]:
    """Return the fields of the form for an answer as it is written."""
    shown: dict[str, object] = {
        "is_sure": written["mark"] == Mark.SURE,
        "hand_over": written["hand_over"] == "yes",
        **{name: written[name] for name in LISTS},
    }
    for name in (*TEXTS, EXAMPLES):
        spoken = written[name] if isinstance(written[name], Mapping) else {}
        for language in Language:
            text = spoken.get(language.value, "") if isinstance(spoken, Mapping) else ""
            shown[f"{name}_{language}"] = "\n".join(text) if isinstance(text, list) else text
    return shown


def read_fact(form: Form) -> Written:
    """Return the fact that was typed."""
    return {
        "value": _spoken({one: form.text(f"value_{one}") for one in Language}),
        "mark": Mark.SURE.value if form.is_ticked("is_sure") else Mark.LIKELY.value,
        "checked_on": form.text("checked_on"),
        "source": form.text("source"),
    }


def shown_fact(written: Written) -> Mapping[str, object]:
    """Return the fields of the form for a fact as it is written."""
    value = written["value"] if isinstance(written["value"], Mapping) else {}
    return {
        **{f"value_{one}": value.get(one.value, "") for one in Language},
        "is_sure": written["mark"] == Mark.SURE,
        "checked_on": written["checked_on"],
        "source": written["source"],
    }


def _spoken(texts: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in texts.items() if text}


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
