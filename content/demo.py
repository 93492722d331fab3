"""The invented neighbourhood of the demo, read from `demo.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from content.faults import Faults
from content.items import Item, read

_OWN_FOLDER: Final = Path(__file__).parent
_MOST_HOUSEHOLDS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUnit:
    """One unit."""

    code: str
    name: str
    households: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHousehold:
    """One household; `unit` is a code."""

    unit: str
    code: str
    address: str
    head_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Everything the first start of the demo makes."""

    commune: DemoUnit
    contacts: Mapping[str, str]
    neighbourhoods: tuple[DemoUnit, ...]
    households: tuple[DemoHousehold, ...]

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Return the demo of `folder`. Raises `ContentError` with file, line and reason."""
        folder = folder or _OWN_FOLDER
        faults = Faults()
        item = read(folder / "demo.yaml", below=folder, faults=faults)
        names = ("commune", "contacts", "neighbourhoods", "households")
        fields = item.fields(names) if item else {}
        faults.raise_if_any()
        commune = fields["commune"].fields(("code", "name"))
        demo = cls(
            commune=DemoUnit(code=_text(commune, "code"), name=_text(commune, "name")),
            contacts={key: one.text() for key, one in fields["contacts"].mapping().items()},
            neighbourhoods=tuple(_unit(one) for one in fields["neighbourhoods"].items()),
            households=tuple(_household(one) for one in fields["households"].items()),
        )
        faults.raise_if_any()
        return demo


def _unit(item: Item) -> DemoUnit:
    fields = item.fields(("code", "name", "households"))
    return DemoUnit(
        code=_text(fields, "code"),
        name=_text(fields, "name"),
        households=fields["households"].number(0, _MOST_HOUSEHOLDS)
        if "households" in fields
        else 0,
    )


def _household(item: Item) -> DemoHousehold:
    fields = item.fields(("unit", "code", "address", "head_name"))
    return DemoHousehold(
        unit=_text(fields, "unit"),
        code=_text(fields, "code"),
        address=_text(fields, "address"),
        head_name=_text(fields, "head_name"),
    )


def _text(fields: Mapping[str, Item], name: str) -> str:
    return fields[name].text() if name in fields else ""
