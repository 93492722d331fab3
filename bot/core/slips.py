"""Small notes the program keeps for itself for a while: a one-time code, a mark of an echo.

A slip is known by its kind and key; it is used once (`take`) or read until its hour has passed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SlipKind(StrEnum):
    """What a slip is for."""

    GROUP_CODE = "group_code"  # an officer lets a group in; key: keyed pseudonym of the code
    GROUP_TRY = "group_try"  # a wrong code was typed in a group; holder: conversation
    GROUP_ALARM = "group_alarm"  # a number was given there unasked; key: conversation and danger
    GROUP_ALBUM = "group_album"  # a picture of it was taken away; key: its keyed pseudonym
    OFFICER_CODE = (
        "officer_code"  # an officer names the chat for notices; key: its keyed pseudonym
    )
    STAND_BACK = "stand_back"  # a human answers in this conversation; key: conversation
    ECHO = "echo"  # a text on its way; key: its keyed pseudonym; body: number of the delivery
    CALL_BACK = "call_back"  # somebody asked to be called; body: sealed; holder: unit
    API_CALL = "api_call"  # a request of other software that may come again; holder: its token
    SHELF = "shelf"  # a picture of a tip being written; body: sealed; holder: conversation
    INTRODUCED = "introduced"  # was told that a program answers; key: conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One note. `body` is sealed whenever it could name somebody; `holder` gathers some."""

    kind: SlipKind
    key: str
    until: datetime
    holder: str = ""
    body: bytes = field(default=b"", repr=False)
