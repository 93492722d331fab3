"""What other software may do here, and what it is told; built when somebody asks for it."""

from bot.app.program import Program
from bot.services.api.tokens import ApiTokens


def made_api_tokens(program: Program) -> ApiTokens:
    """Return the tokens of other software."""
    return ApiTokens(
        storage=program.storage,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
        zone=program.config.timezone,
    )
