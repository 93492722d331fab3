"""Tables, links and headings of the project's own Markdown, and which files it consists of."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "handlers", "scheduler", "console", "content")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table; `codes` are the words in back-quotes of its first cell."""

    cells: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        return codes(self.cells[0])


def codes(cell: str) -> list[str]:
    """Return what stands in back-quotes, with the escape of the table taken away."""
    return [found.replace("\\|", "|") for found in _CODE.findall(cell)]


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def section(page: Path, heading: str) -> str:
    """Return what stands under a heading, up to the next of the same or a higher rank."""
    rank = len(heading) - len(heading.lstrip("#"))
    text = f"\n{prose(page)}"
    begin = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{rank}}} ", text[begin:], re.MULTILINE)
    return text[begin : begin + end.start()] if end else text[begin:]


def rows(page: Path, heading: str) -> list[Row]:
    """Return the rows of the tables under a heading, without their heads."""
    lines = [line.strip() for line in section(page, heading).splitlines()]
    found = [
        Row(cells=tuple(cell.strip() for cell in _CELL.split(line)[1:-1]))
        for number, line in enumerate(lines)
        if line.startswith("|") and not _is_head(lines, number)
    ]
    assert found, f"no table under {heading} in {page.name}"
    return found


def _is_head(lines: list[str], number: int) -> bool:
    return any(line.startswith("|---") for line in lines[number : number + 2])


def links(page: Path) -> Iterator[str]:
    """Yield where the links and pictures of a page lead."""
    yield from _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def tracked() -> list[Path]:
    """Return the files that git keeps and that hold text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".woff2"}]


def modules(*rooms: str) -> list[Path]:
    """Return the Python files of some rooms."""
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))
