"""Every error number of the OA API that is known, with the wording the stub answers with.

The wording is near to the platform's own; a program must go by the number, except for -32.
"""

from collections.abc import Mapping
from typing import Final

APP_LIMIT_TEXT: Final = "Your application has reached its limit of requests per minute"
OA_LIMIT_TEXT: Final = "Your OA has reached its limit of requests per minute"

LIMIT_REACHED: Final = -32
# A number that is in no table, for what a program does with surprises.
UNHEARD_OF: Final = -9999

ERRORS: Final[Mapping[int, tuple[str, ...]]] = {
    -32: (OA_LIMIT_TEXT, APP_LIMIT_TEXT),
    -100: ("Attachment is expired or unknown",),
    -200: ("Send message failed",),
    -201: ("user_id is invalid", "message is invalid", "attachment is invalid"),
    -204: ("OA is disabled",),
    -205: ("OA does not exist",),
    -209: ("App has not been activated for this API",),
    -210: ("Parameter exceeds its limit", "text is longer than 2000", "file is too large"),
    -211: ("Quota is used up",),
    -212: ("App has not registered for this API",),
    -213: ("User has not followed OA or interacted with it",),
    -214: ("Article is being processed",),
    -216: ("Access token is invalid",),
    -217: ("User blocked invitations of OA",),
    -218: ("User cannot receive more messages",),
    -219: ("App has been removed or disabled",),
    -220: ("Access token has expired or is no longer valid",),
    -221: ("OA is not verified",),
    -223: ("OA has not granted this permission to the app", "OA has exceeded its article quota"),
    -224: ("OA needs a higher tier to use this feature",),
    -227: ("User is banned or inactive for more than 45 days",),
    -230: ("User has not interacted with the OA in the past 7 days",),
    -232: ("User has not interacted with the OA, or the interaction has expired",),
    -233: ("Message type is invalid or not supported",),
    -234: ("Cannot send this message at night, from 22:00 to 06:00",),
    -235: ("This API is not offered to this type of OA",),
    -237: ("Group is disabled because its asset has expired",),
    -238: ("GMF asset has been used for another group",),
    -240: ("This message API is closed",),
    -241: ("GMF asset is disabled or has expired",),
    -242: ("appsecret_proof is invalid",),
    -244: ("User refuses this type of message from OA",),
    -248: ("Message violates the platform's content rules",),
    -249: ("Template cannot be sent by user id",),
    -320: ("OA has not linked a Zalo Cloud Account",),
    -321: ("Zalo Cloud Account is out of money",),
    -403: ("OA is not in this group",),
    -1340: ("Form is invalid",),
    -1341: ("Form field is invalid",),
    -1472: ("User has received the maximum number of promotions",),
}

# Of the token endpoint; no table of these is public.
OAUTH_ERRORS: Final[Mapping[int, str]] = {
    -14002: "Invalid app id",
    -14003: "Invalid redirect uri",
    -14012: "Invalid code",
    -14014: "Invalid refresh token.",
    -14024: "Request is invalid",
    -14029: "App has not been approved",
    -118: "Invalid grant",
}


def wording(code: int) -> str:
    """Return the first wording of an error of the OA API."""
    return ERRORS.get(code, ("Scripted failure",))[0]
