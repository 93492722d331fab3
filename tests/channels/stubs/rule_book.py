"""What a client did against a platform's rules; a test of an adapter ends with it empty."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """One request that broke a rule; `detail` never holds a secret or a whole text."""

    method: str
    rule: str
    detail: str


class RuleBook(list[BrokenRule]):
    """The list of broken rules, with a short way to write into it."""

    def note(self, method: str, rule: str, detail: str = "") -> None:
        """Write one broken rule down."""
        self.append(BrokenRule(method=method, rule=rule, detail=detail))
