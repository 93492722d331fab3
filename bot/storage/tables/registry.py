"""The one list of tables, and how their constraints are named on every database."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, MetaData

# Migrations find a constraint again by its name, so each must have one that never varies.
metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def one_of(column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    """Return the constraint that `column` holds one of `words`."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
