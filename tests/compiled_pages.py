"""Templates of pages, compiled once in a process however many sites its tests open.

Compiling them takes longer than all else about a site.
"""

from typing import Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InThisProcess(BytecodeCache):
    """Keeps what a template was compiled to, for the very source it was compiled from."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self._kept.get(bucket.key)) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED: Final[BytecodeCache] = _InThisProcess()
