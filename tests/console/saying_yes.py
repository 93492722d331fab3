"""A platform whose admin agrees to whatever is asked."""

from collections.abc import Mapping

from bot.core.languages import Language
from bot.services.channels.grants import Application, Fault


class SayingYes:
    """A platform where the admin always agrees, and the code is the account's id."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def link(self, settings: Mapping[str, str], *, state: str, verifier: str) -> str:
        return f"https://zalo.example/permission?state={state}&code_challenge={verifier}"

    async def exchange(
        self, application: Application, *, code: str, verifier: str
    ) -> Mapping[str, str]:
        return {"access_token": f"at-{code}", "refresh_token": f"rt-{code}"}

    async def whose(self, application: Application, pair: Mapping[str, str]) -> tuple[str, str]:
        oa_id = pair["access_token"].removeprefix("at-")
        return oa_id, f"Tài khoản {oa_id}"

    def words(self, fault: Fault, code: str, language: Language) -> str:
        return f"{fault} {code} {language}"
