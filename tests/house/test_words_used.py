"""Every key of a sentence that stands in the code or in a page exists in `content/`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from content.book import Book
from tests.house.markdown import ROOT, modules

_SAID = re.compile(r"\bsay\(\s*'([a-z0-9_]+)'\s*[,)]")


def _calls(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each function called and the texts it is given, in order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ""
            name = called.id if isinstance(called, ast.Name) else name
            texts = [
                one.value
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            yield name, texts


def _voices(owner: ast.ClassDef) -> dict[str, str]:
    """Return the attributes of a class that hold a voice, with its section."""
    found: dict[str, str] = {}
    for node in ast.walk(owner):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        for name, texts in _calls(node.value):
            target = node.targets[0]
            if name == "voice" and texts and isinstance(target, ast.Attribute):
                found[target.attr] = texts[0]
    return found


def _missing(path: Path, book: Book) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, texts in _calls(tree):
        if name == "voice" and texts:
            section, *keys = texts
            yield from (f"{section}.{key}" for key in keys if key not in book.sections[section])
    for owner in ast.walk(tree):
        if not isinstance(owner, ast.ClassDef):
            continue
        voices = _voices(owner)
        for name, texts in _calls(owner):
            section = voices.get(name, "")
            if section and texts and texts[0] not in book.sections[section]:
                yield f"{section}.{texts[0]}"


def test_every_key_a_class_says_is_in_its_section(book: Book) -> None:
    missing = {
        path.relative_to(ROOT).as_posix(): sorted(set(_missing(path, book)))
        for path in modules("bot", "handlers", "console")
    }
    assert {path: keys for path, keys in missing.items() if keys} == {}


def test_every_key_a_public_page_says_is_in_its_section(book: Book) -> None:
    pages = [
        *(ROOT / "bot" / "web" / "templates").glob("*.html"),
        *(ROOT / "bot" / "channels" / "web" / "templates").glob("*.html"),
    ]
    said = {key for page in pages for key in _SAID.findall(page.read_text(encoding="utf-8"))}
    assert len(said) > len(pages)
    assert sorted(said - set(book.sections["web"])) == []


def test_every_broken_rule_of_the_engine_has_its_sentence(book: Book) -> None:
    keys = {
        texts[0]
        for path in modules("bot")
        for name, texts in _calls(ast.parse(path.read_text(encoding="utf-8")))
        if name == "RuleBroken" and texts
    }
    assert keys
    assert sorted(keys - set(book.sections["refusals"])) == []


def _facts_noted(tree: ast.AST) -> Iterator[str]:
    """Yield the names of facts that stand beside acts in the audit chain, as written in code."""
    for node in ast.walk(tree):
        told: list[ast.expr] = []
        if isinstance(node, ast.Call):
            told = [one.value for one in node.keywords if one.arg == "facts"]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id == "facts" for one in targets):
                told = [node.value]
        for one in told:
            if isinstance(one, ast.Dict):
                for key in one.keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value


def test_every_fact_beside_an_act_has_words_for_the_page_of_the_log() -> None:
    noted = {
        name
        for path in modules("bot")
        for name in _facts_noted(ast.parse(path.read_text(encoding="utf-8")))
    }
    words = (ROOT / "console" / "templates" / "words.html").read_text(encoding="utf-8")
    named = set(re.findall(r'"([a-z_]+)":', words.split("set fact_names")[1].split("%}")[0]))
    assert len(noted) > 20
    assert sorted(noted - named) == []
