"""What the model of danger has learned: `danger_weights.json`, written by `binhyen content learn`.

Reads and writes the file; what the numbers mean is up to `bot.services.answers.danger_model`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from content.danger import EmergencyKind
from content.faults import Faults

FILE: Final = "danger_weights.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerWeights:
    """Whole numbers by feature: how much each speaks for danger, and for each kind of danger.

    `learned_from` is the fingerprint of what they were learned from.
    """

    learned_from: str = ""
    danger: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[EmergencyKind, Mapping[str, int]] = field(default_factory=dict)


def read_weights(folder: Path, faults: Faults) -> DangerWeights:
    """Return the weights of the file in `folder`; none if there is no file.

    Without weights the rules of danger decide alone. A file that cannot be read is a fault.
    """
    path = folder / FILE
    if not path.exists():
        return DangerWeights()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return DangerWeights(
            learned_from=str(found["learned_from"]),
            danger=_numbers(found["danger"]),
            kinds={
                EmergencyKind(kind): _numbers(weights) for kind, weights in found["kinds"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        faults.add(FILE, 1, "this is no file of weights: write it with `binhyen content learn`")
        return DangerWeights()


def write_weights(folder: Path, weights: DangerWeights) -> Path:
    """Write the file in `folder` and return its path."""
    path = folder / FILE
    parts = {
        "learned_from": weights.learned_from,
        "danger": weights.danger,
        "kinds": weights.kinds,
    }
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # A line for each letter that features begin with, so that versions can be compared.
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _numbers(found: Mapping[str, object]) -> Mapping[str, int]:
    return {str(name): int(str(weight)) for name, weight in found.items()}
