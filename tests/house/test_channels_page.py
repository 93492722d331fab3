"""docs/channels.md against the code: codes, events, addresses and pages that it tells of."""

import re

from bot.channels.zalo.catalogue import CATALOGUE, IGNORED
from bot.channels.zalo.explaining import OF_ACCOUNT, OF_GROUP, OF_MESSAGE, OF_OAUTH, OF_PERSON
from bot.services.channels.grants import CALLBACK_PATH
from bot.web.gate import WEBHOOKS
from console.site import ROUTES
from console.visit import ROOT as CONSOLE
from tests.house.markdown import ROOT, codes, rows

PAGE = ROOT / "docs" / "channels.md"
TEXT = PAGE.read_text(encoding="utf-8")
CODE = re.compile(r"-?\d+")
# Aliases that single sources name; whoever connects an account is not offered both spellings.
SPELT_OTHERWISE = {"user_leave_group", "disperse_group"}


def _numbers(*, is_oauth: bool) -> set[str]:
    found = {
        row.cells[0]: [code for code in row.codes if CODE.fullmatch(code)]
        for row in rows(PAGE, "### Bảng mã lỗi của Zalo")
    }
    return {
        code
        for cell in found.values()
        for code in cell
        if (code.startswith("-140") or code == "-118") is is_oauth
    }


def test_every_code_of_the_oa_api_is_told_and_no_other() -> None:
    known = {*OF_ACCOUNT, *OF_PERSON, *OF_MESSAGE, *OF_GROUP}
    assert _numbers(is_oauth=False) == {str(code) for code in known}


def test_every_code_of_a_grant_is_told_and_no_other() -> None:
    assert _numbers(is_oauth=True) == set(OF_OAUTH)


def test_every_event_that_has_an_effect_is_to_be_switched_on() -> None:
    told = {code for row in rows(PAGE, "### Bước 5: Webhook") for code in row.codes}
    families = tuple(code.removesuffix("…") for code in told if code.endswith("…"))
    wanted = {
        name
        for name in set(CATALOGUE) - set(IGNORED) - SPELT_OTHERWISE
        if not name.startswith("react_request_")
    }
    assert sorted(one for one in wanted - told if not one.startswith(families)) == []


def test_every_event_that_is_to_be_switched_on_is_known() -> None:
    told = {code for row in rows(PAGE, "### Bước 5: Webhook") for code in row.codes}
    assert sorted(code for code in told if "…" not in code and code not in CATALOGUE) == []


def test_the_addresses_to_enter_at_zalo_are_the_ones_we_answer_at() -> None:
    assert f"https://TÊN-MIỀN{CALLBACK_PATH}\n" in TEXT
    assert f"https://TÊN-MIỀN{WEBHOOKS}zalo/{{app_id}}\n" in TEXT


def test_pages_of_the_console_that_are_named_are_there() -> None:
    named = {code for code in codes(TEXT) if code.startswith(f"{CONSOLE}/")}
    assert named
    assert named <= {f"{CONSOLE}{one.path}" for one in ROUTES}
