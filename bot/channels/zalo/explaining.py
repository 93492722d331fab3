"""What Zalo's error codes mean to an officer: a sentence each, saying what to do about it.

What a code means for a message on its way is in `errors`; here nobody is written to. Every code
of Zalo's table is either explained by itself or belongs to a group that is.
"""

from collections.abc import Mapping
from typing import Final

from bot.channels.zalo.account import Say
from bot.channels.zalo.errors import BROKEN, SLOW_DOWN_CODE, TOKEN_CODES
from bot.core.languages import Language

# About the account, the app or what is paid for: an officer can do something.
OF_ACCOUNT: Final[Mapping[int, str]] = {
    **dict.fromkeys(TOKEN_CODES, "zalo_reconnect_code"),
    **BROKEN,
    SLOW_DOWN_CODE: "zalo_too_fast",
    -211: "zalo_quota_used_up",
    -320: "zalo_no_cloud_account",
    -321: "zalo_no_money",
    -234: "zalo_night",
    -240: "zalo_old_api",
}
# About one resident: nothing is wrong with the account.
OF_PERSON: Final = frozenset({-213, -217, -218, -227, -230, -232, -244, -1472})
# About one message, file or form.
OF_MESSAGE: Final = frozenset({-100, -200, -201, -210, -214, -233, -248, -249, -1340, -1341})
# About one group and what pays for it.
OF_GROUP: Final = frozenset({-237, -238, -241, -403})

# No table of these is public: the meanings are those that integrations saw.
OF_OAUTH: Final[Mapping[str, str]] = {
    "-14002": "zalo_oauth_app_wrong",
    "-14003": "zalo_oauth_redirect_wrong",
    "-14014": "zalo_reconnect_code",
    "-118": "zalo_reconnect_code",
    "-14029": "zalo_oauth_app_not_approved",
    "-14012": "zalo_oauth_code_used",
}

SENTENCES: Final = (
    *sorted({*OF_ACCOUNT.values(), *OF_OAUTH.values()} - set(BROKEN.values())),
    "zalo_code_of_person",
    "zalo_code_of_message",
    "zalo_code_of_group",
    "zalo_code_unknown",
    "zalo_oauth_unknown",
)


def explained(code: int, say: Say) -> str:
    """Return what a code of the OA API means and what to do."""
    return say(_key_of(code), Language.VI, code=code)


def _key_of(code: int) -> str:
    if code in OF_ACCOUNT:
        return OF_ACCOUNT[code]
    if code in OF_PERSON:
        return "zalo_code_of_person"
    if code in OF_MESSAGE:
        return "zalo_code_of_message"
    if code in OF_GROUP:
        return "zalo_code_of_group"
    return "zalo_code_unknown"


def explained_oauth(code: str, say: Say, language: Language = Language.VI) -> str:
    """Return what a code of OAuth means and what to do."""
    return say(OF_OAUTH.get(code, "zalo_oauth_unknown"), language, code=code)
