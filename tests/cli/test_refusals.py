"""Every refusal of the program has its sentence, in both languages."""

import ast
from collections.abc import Iterator

import pytest

from bot.cli.troubles import trouble_of
from bot.core.errors import RuleBroken
from bot.core.languages import Language
from content.book import Book
from content.filling import places
from tests.cli.conftest import ROOT

# The console's own, worded in its pages.
ELSEWHERE = frozenset({"due_unreadable", "tip_state_missing"})


def raised() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield key and value names of every RuleBroken in the source."""
    for room in ("bot", "handlers", "console", "scheduler"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _is_refusal(node):
                    [key] = [one.value for one in node.args if isinstance(one, ast.Constant)][:1]
                    yield str(key), tuple(sorted(one.arg or "" for one in node.keywords))


def _is_refusal(call: ast.Call) -> bool:
    is_named = isinstance(call.func, ast.Name) and call.func.id == "RuleBroken"
    return is_named and bool(call.args) and isinstance(call.args[0], ast.Constant)


@pytest.mark.parametrize(("key", "values"), sorted(set(raised())), ids=str)
def test_a_refusal_has_a_sentence_with_its_values(
    book: Book, key: str, values: tuple[str, ...]
) -> None:
    if key in ELSEWHERE:
        return
    for language in Language:
        sentence = book.sections["refusals"][key][language]
        assert places(sentence) == set(values)


def test_a_key_without_a_sentence_still_gives_one() -> None:
    assert trouble_of(RuleBroken("never_worded")).sentence == "This is not allowed (never_worded)"


def test_what_nobody_foresaw_quotes_nothing() -> None:
    with pytest.raises(KeyError) as caught:
        dict[str, str]()["a secret"]
    trouble = trouble_of(ExceptionGroup("several", [caught.value]))
    assert "KeyError at test_refusals.py:" in trouble.sentence
    assert "secret" not in trouble.sentence
