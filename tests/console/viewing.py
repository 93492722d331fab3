"""What the console's page of the audit chain stands on."""

from zoneinfo import ZoneInfo

from bot.core.storage import Storage
from bot.services.audit import Audit
from bot.services.audit_keys import AuditorKeys
from bot.services.audit_view import AuditView
from bot.vault.vault import Vault


def audit_view_of(storage: Storage, audit: Audit, vault: Vault, zone: ZoneInfo) -> AuditView:
    keys = AuditorKeys(storage=storage, audit=audit, starts=vault.audit)
    return AuditView(storage=storage, audit=audit, keys=keys, zone=zone)
