"""Every act that is cut off at every commit, in the groups they are tried in."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.tips.acts import OFFICERS, RESIDENTS, Act
from tests.tips.acts_of_keys import KEYS
from tests.tips.acts_of_the_clock import CLOCK

GROUPS: Final[Mapping[str, Sequence[Act]]] = {
    "residents": RESIDENTS,
    "officers": OFFICERS,
    "keys and clock": (*KEYS, *CLOCK),
}
BY_ID: Final = {act.id: act for acts in GROUPS.values() for act in acts}
