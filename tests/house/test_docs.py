"""The pages of the project: links lead somewhere, tables match the code, no place is betrayed."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.markdown import (
    PAGES,
    ROOMS,
    ROOT,
    anchors,
    codes,
    links,
    modules,
    prose,
    rows,
    section,
    tracked,
)

DECISIONS = ROOT / "docs" / "decisions.md"
OPERATIONS = ROOT / "docs" / "operations.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
# Hosts of package registries and folders of single machines; written in two parts so that this
# file does not find itself.
PLACES = re.compile(
    "|".join(
        "".join(parts)
        for parts in (
            ("pypi", r"\.org"),
            ("python", "hosted"),
            ("registry", r"\.npmjs"),
            ("npm", r"js\.com"),
            ("deb", r"\.debian\.org"),
            ("/wo", "rk/"),
            ("/ro", "ot/"),
            ("/ho", "me/[a-z]"),
        )
    )
)
EVENT = re.compile(
    r"log\.(?:debug|info|warning|error|exception)\(\s*(?:#[^\n]*\n\s*)?\"([a-z_.]+)\""
)
COUNTED = re.compile(r"\.(count|took|gauge)\(\s*\"([a-z_]+)\"")
SUFFIX = {"count": "_total", "took": "_seconds", "gauge": ""}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if PLACES.search(line)
    ]
    assert found == []


def test_every_runtime_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = [re.split(r"[\[<>=]", one, maxsplit=1)[0] for one in wanted]
    told = [code for row in rows(DECISIONS, "## Dependencies") for code in row.codes]
    assert sorted(told) == sorted(names)


def test_decisions_are_numbered_and_say_situation_choice_and_cost() -> None:
    text = DECISIONS.read_text(encoding="utf-8")
    numbers = [int(one) for one in re.findall(r"^### (\d+)\. ", text, re.MULTILINE)]
    # A number may be held for somebody who has not written yet.
    assert numbers == sorted(set(numbers))
    parts = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    words = ("*Situation.*", "*Choice.*", "*Cost.*")
    assert [part.splitlines()[0] for part in parts if not all(one in part for one in words)] == []


def _in_code(pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    return [
        match.groups()
        for path in modules(*ROOMS)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]


def test_every_event_of_the_log_is_told() -> None:
    told = {code for row in rows(OPERATIONS, "## Logs") for code in row.codes}
    assert sorted(told) == sorted({one[0] for one in _in_code(EVENT)})


def test_every_metric_is_told() -> None:
    told = {code for row in rows(OPERATIONS, "## Metrics") for code in row.codes}
    counted = {f"binhyen_{name}{SUFFIX[kind]}" for kind, name in _in_code(COUNTED)}
    assert sorted(told) == sorted(counted)


def test_every_kind_of_key_file_is_told() -> None:
    told = " ".join(row.cells[0] for row in rows(OPERATIONS, "### The keys folder"))
    named = {
        name
        for path in modules("bot/vault")
        for name in re.findall(r'"([a-z-]+\.key)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(name for name in named if name not in told) == []


def test_every_table_is_told_with_what_it_holds() -> None:
    told = {code for row in rows(ARCHITECTURE, "## Tables") for code in row.codes}
    source = (ROOT / "bot" / "storage" / "tables" / "__init__.py").read_text(encoding="utf-8")
    names = set(re.findall(r'^    "(\w+)",$', source, re.MULTILINE)) - {"metadata"}
    assert sorted(told) == sorted(names)


def test_the_command_to_install_the_driver_names_a_lock_that_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"requirements[a-z-]*\.lock", text)):
        assert (ROOT / name).exists()


def test_examples_of_extending_name_files_that_are_there() -> None:
    page = ROOT / "docs" / "extending.md"
    # What a reader is to add is not there yet.
    lines = [line for line in prose(page).splitlines() if "(new)" not in line]
    named = {code for line in lines for code in codes(line) if "example" not in code}
    paths = {
        one for one in named if re.fullmatch(r"(bot|handlers|console|content|tests)/[\w./-]+", one)
    }
    assert paths
    assert sorted(one for one in paths if not (ROOT / one).exists()) == []
    assert section(page, "## A channel")
