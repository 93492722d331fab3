"""The guide to the code as tests: sizes, letters, and a test beside everything that is added."""

import ast
import re
from pathlib import Path

import pytest

from bot.core.channels import ChannelKind
from console.site import ROUTES
from tests.channels.test_contract import PLATFORMS, ROWS
from tests.house.markdown import ROOMS, ROOT, modules

LONGEST_LINES = 400
# Longer ones, each with the reason why it stays whole.
LONGER = {
    "bot/storage/migrations/versions/0001_first_tables.py": "a migration is never edited",
    "tests/storage/test_contract.py": "one contract for two databases",
    "tests/storage/test_contract_deliveries.py": "one contract for two databases",
    "tests/delivery/test_sender.py": "one rig, many rows",
}
VIETNAMESE = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
# The name of the program; the letters that code itself compares and folds.
SPOKEN = {
    "bot/core/text.py": {"đ"},
    "bot/services/answers/telex.py": set("đăâêôơư"),
    "content/words.py": {"À-ỹ"},
}
NAME = "Bình Yên"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        _name(path): _lines(path)
        for path in modules(*ROOMS, "tests", "tools", "benchmarks")
        if _lines(path) > LONGEST_LINES and _name(path) not in LONGER
    }
    assert long == {}


def _docstrings(tree: ast.Module) -> set[int]:
    """Return the ids of the nodes that say what something is."""
    return {
        id(node.value)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for node in owner.body[:1]
        if isinstance(node, ast.Expr)
    }


def _spoken(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = _docstrings(tree)
    texts = [
        node.value.replace(NAME, "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]
    for allowed in SPOKEN.get(_name(path), set()):
        texts = [text.replace(allowed, "") for text in texts]
    return [text for text in texts if VIETNAMESE.search(text)]


def test_no_python_file_holds_words_for_residents() -> None:
    found = {_name(path): _spoken(path) for path in modules(*ROOMS)}
    assert {name: texts for name, texts in found.items() if texts} == {}


def _dialogues() -> dict[str, Path]:
    """Return the names that dialogues have in saved steps."""
    found: dict[str, Path] = {}
    for path in modules("handlers"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and node.name == "proceed":
                found[path.stem] = path
    found.pop("dialogue")  # the protocol itself
    return found


def _text_of_tests(room: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in modules(f"tests/{room}"))


@pytest.mark.parametrize("name", sorted(_dialogues()))
def test_a_dialogue_is_walked_by_tests(name: str) -> None:
    words = {"emergency": "khancap", "track": "theodoi", "tips": "togiac", "join": "thamgia"}
    words |= {"pledge": "camket", "privacy": "dulieu", "interests": "chude"}
    words |= {"talk": "traloi", "writing": "traloi", "scams": "kiemtra"}
    assert f"/{words.get(name, name)}" in _text_of_tests("handlers")


def _fixed(path: str) -> list[str]:
    """Return the parts of a route's path that every request for it holds."""
    return [part for part in re.split(r"\{\w+\}", path) if part.strip("/")]


@pytest.mark.parametrize(
    "path", sorted({one.path for one in ROUTES if _fixed(one.path)}), ids=lambda path: path
)
def test_a_page_of_the_console_is_asked_for_by_tests(path: str) -> None:
    text = _text_of_tests("console")
    assert [part for part in _fixed(path) if part.strip("/") not in text] == []


def test_every_channel_stands_in_the_contract() -> None:
    folders = {path.parent.name for path in (ROOT / "bot" / "channels").glob("*/__init__.py")}
    assert folders == {kind.value for kind in ChannelKind} == {row.id for row in ROWS}


@pytest.mark.parametrize("platform", sorted(row.id for row in PLATFORMS))
def test_every_platform_has_payloads_as_it_sends_them(platform: str) -> None:
    assert list((ROOT / "tests" / "channels" / platform / "payloads").glob("*.json"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_why_it_exists(room: str) -> None:
    silent = [
        _name(path)
        for path in modules(room)
        if path.name != "__init__.py"
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []
