"""How mistakes in content files are gathered, so that one start names them all.

Knows nothing of what a right file looks like; the readers of each kind of file do.
"""

from dataclasses import dataclass, field


class ContentError(Exception):
    """The content files hold mistakes, or code asks for words that are not there."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One mistake: the file below the content folder, its line from 1, and the reason."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(slots=True)
class Faults:
    """The mistakes found so far in one reading."""

    found: list[Fault] = field(default_factory=list)

    def add(self, file: str, line: int, reason: str) -> None:
        """Note one mistake and go on reading."""
        self.found.append(Fault(file=file, line=line, reason=reason))

    def raise_if_any(self) -> None:
        """Raise one `ContentError` that lists every mistake as `file:line: reason`."""
        if self.found:
            lines = "\n".join(str(fault) for fault in sorted(set(self.found)))
            raise ContentError(f"the content files hold mistakes:\n{lines}")
