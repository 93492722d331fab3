"""A channel for the console's tests, on no platform."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.channels import (
    Capabilities,
    ChannelAccount,
    ChannelKind,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import MediaRefused
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.windows import WindowRule

SILENT = "Trang im lặng"
CHARGING = "Trang tính phí (minh họa)"
WINDOWS = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))
FINDING = Finding(is_well=False, what="Mã truy cập đã hết hạn", fix="Nối lại tài khoản")


class CheckedChannel:
    """A channel on no platform: it can be looked at and checked, nothing more."""

    def __init__(self, account: ChannelAccount) -> None:
        self.id = account.id
        self.kind = account.kind
        self._is_silent = account.name == SILENT
        self.capabilities = Capabilities(
            text_limit=1_000,
            buttons=0,
            pictures=False,
            groups=False,
            pace=Pace(per_s=1),
            windows=WINDOWS if account.name == CHARGING else None,
            paid_left=2 if account.name == CHARGING else None,
        )
        self.webhook_path: str | None = None
        self.refusal_status = 403
        self.groups: GroupDesk | None = None

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        return ()

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        return ("1",)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        return ()

    async def fetch(self, media: Media) -> bytes:
        raise MediaRefused("nothing comes in here")

    async def answer_tap(self, tap_id: str) -> None:
        return None

    async def check(self) -> Sequence[Finding]:
        if self._is_silent:
            raise TimeoutError
        return () if self.kind is ChannelKind.WEB else (FINDING,)

    async def run(self, receive: Receive) -> None:
        return None

    async def retire(self) -> None:
        return None

    async def close(self) -> None:
        return None
