"""Who was not reached, line by line, in the words of the templates: for pages and for files."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader

from bot.core.channels import ChannelAccount
from bot.core.ids import ChannelId, UnitId
from bot.core.results import Case, CopyResult, MissedHouse
from bot.core.sending import Reason
from bot.core.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """What became of one copy. `who` is a unit, or what stands for it."""

    who: str
    household: str = ""
    address: str = field(default="", repr=False)
    channel: str
    joined_on: str = ""
    outcome: str
    why: str = ""
    ended_at: str = ""

    @property
    def cells(self) -> Sequence[str]:
        """Return the line of a file, in the order of `columns`."""
        return (
            self.who,
            self.household,
            self.address,
            self.channel,
            self.joined_on,
            self.outcome,
            self.why,
            self.ended_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseLine:
    """A household of which nobody was reached."""

    unit: str
    code: str
    address: str = field(default="", repr=False)
    members: int
    why: str

    @property
    def cells(self) -> Sequence[str]:
        """Return the line of a file, in the order of `house_columns`."""
        return (self.unit, self.code, self.address, str(self.members), self.why)


@cache
def words() -> Any:  # noqa: ANN401 - whatever the template sets
    """Return what `result_words.html` sets, by name."""
    templates = Environment(loader=PackageLoader("console"), autoescape=True)
    return templates.get_template("result_words.html").module


class Lines:
    """Spells results as somebody in `zone` reads them."""

    def __init__(
        self,
        *,
        units: Mapping[UnitId, Unit],
        channels: Mapping[ChannelId, ChannelAccount],
        zone: tzinfo,
    ) -> None:
        self._units = units
        self._channels = channels
        self._zone = zone
        self._words = words()

    def of_copy(self, copy: CopyResult) -> CopyLine:
        """Return the line of one copy."""
        return CopyLine(
            who=self._who(copy),
            household=copy.household_code,
            address=copy.household_address,
            channel=self._channel(copy.channel_id),
            joined_on=self._local(copy.joined_at, "%d/%m/%Y"),
            outcome=self._words.result_outcomes[copy.case.state.value],
            why=self._why(copy),
            ended_at=self._local(copy.done_at, "%d/%m/%Y %H:%M"),
        )

    def of_house(self, house: MissedHouse) -> HouseLine:
        """Return the line of one household."""
        # That somebody else was to get it explains nothing where nobody got it.
        meant = [one for one in house.copies if one.case.reason is not Reason.DOUBLED]
        told = [f"{self._channel(one.channel_id)}: {self._case(one.case)}" for one in meant]
        nobody = "nobody_meant" if house.members else "nobody_joined"
        return HouseLine(
            unit=self._unit(house.unit_id),
            code=house.code,
            address=house.address,
            members=house.members,
            why="; ".join(dict.fromkeys(told)) or self._words.odd[nobody],
        )

    async def of_copies(
        self, pieces: AsyncIterable[Sequence[CopyResult]]
    ) -> AsyncIterator[Sequence[Sequence[str]]]:
        """Yield the lines of a file."""
        async for piece in pieces:
            yield [self.of_copy(copy).cells for copy in piece]

    async def of_houses(
        self, pieces: AsyncIterable[Sequence[MissedHouse]]
    ) -> AsyncIterator[Sequence[Sequence[str]]]:
        """Yield the lines of a file."""
        async for piece in pieces:
            yield [self.of_house(house).cells for house in piece]

    def _who(self, copy: CopyResult) -> str:
        odd: Mapping[str, str] = self._words.odd
        if copy.is_group:
            named = odd["group"].replace("{name}", copy.group_name)
            return named if copy.group_name else odd["group_gone"]
        return odd["person_gone"] if copy.unit_id is None else self._unit(copy.unit_id)

    def _unit(self, unit_id: UnitId) -> str:
        return self._units[unit_id].name if unit_id in self._units else ""

    def _channel(self, channel_id: ChannelId) -> str:
        account = self._channels.get(channel_id)
        if account is None:
            return str(self._words.odd["channel_gone"])
        return str(self._words.result_channels[account.kind.value])

    def _why(self, copy: CopyResult) -> str:
        if copy.case.reason is Reason.DOUBLED and copy.house_state and copy.house_channel:
            said: str = self._words.of_house[copy.house_state.value]
            return said.format(channel=self._channel(copy.house_channel))
        return self._reason(copy.case)

    def _case(self, case: Case) -> str:
        outcome: str = self._words.result_outcomes[case.state.value]
        return self._reason(case) or outcome

    def _reason(self, case: Case) -> str:
        return str(self._words.result_reasons[case.reason.value]) if case.reason else ""

    def _local(self, at: datetime | None, shape: str) -> str:
        return at.astimezone(self._zone).strftime(shape) if at else ""
