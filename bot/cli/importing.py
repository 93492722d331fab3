"""What unit import and household import have in common: faults listed, all or nothing."""

from collections.abc import Sequence

from bot.cli.reply import Reply
from bot.cli.troubles import refusals
from bot.services.units.rosters import RowFault


def listed(faults: Sequence[RowFault]) -> list[dict[str, object]]:
    """Return faults as a document: row and column in the file, and the reason in words."""
    reasons = refusals([(fault.key, fault.values) for fault in faults])
    return [
        {"row": fault.row, "column": fault.column, "reason": reason}
        for fault, reason in sorted(
            zip(faults, reasons, strict=True), key=lambda pair: (pair[0].row, pair[0].column)
        )
    ]


def imported(count: int, faults: Sequence[RowFault], *, noun: str, is_refused: bool) -> Reply:
    """Return how an import ended."""
    found = listed(faults)
    skipped = len({fault.row for fault in faults})
    document = {"imported": count, "skipped": 0 if is_refused else skipped, "faults": found}
    details = [f"row {one['row']}, column {one['column']}: {one['reason']}" for one in found]
    if is_refused:
        complaint = f"Nothing was imported: {skipped} faulty rows in the file"
        return Reply(document=document, details=details, complaint=complaint)
    lines = [f"Imported {count} {noun}; skipped {skipped} faulty rows."]
    return Reply(document=document, lines=lines, details=details)
