"""An account is connected by a grant: begun at the machine, agreed to, finished by the program."""

import asyncio
import json
import sys

import aiohttp
from yarl import URL

from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import ROOT, Installation


async def test_the_command_line_waits_for_the_program_to_be_called_back(
    installation: Installation,
) -> None:
    async with ZaloStub() as stub, installation.serving() as program:
        stub.app.redirect_uri = f"{installation.url}/connect/zalo/callback"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "channel", "add", "zalo", "--unit", "DEMO"),
            *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
            *("--oa-secret", stub.app.webhook_secret, "--json"),
            *("--api-url", stub.url, "--oauth-url", stub.url),
            cwd=ROOT,
            env=installation.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        link = ""
        while not link.startswith("http"):
            link = (await process.stderr.readline()).decode().strip()
        async with aiohttp.ClientSession() as phone, phone.get(link) as seen:
            text = await seen.text()
        assert (seen.status, seen.url.path.rpartition("/")[0]) == (200, "/connect/zalo/ket-qua")
        assert f"Tài khoản &#34;{stub.oa.name}&#34; đã nối" in text
        secrets = [URL(str(step.url)).query.get("code", "") for step in seen.history]
        secrets += [stub.tokens.access_token, stub.tokens.refresh_token, stub.app.app_secret]
        out, _ = await process.communicate()
        document = json.loads(out)
        assert process.returncode == 0
        assert document["settings"]["oa_id"] == stub.oa.oa_id
        check = await installation.command("channel", "check", document["id"])
        assert check["can_send"]
        shown = text + out.decode() + "\n".join(program.raw_log)
        assert [one for one in secrets if one and one in shown] == []
        assert stub.broken_rules == []
        assert stub.oauth.refreshes == 0
