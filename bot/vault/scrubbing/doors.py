"""What the program apart takes from itself before it looks at a file.

A process without rights of the administrator can give up for good: memory, time, new files,
new processes, descriptors. It cannot give up single system calls without a filter of the
kernel, so hostile code that took over a decoder could still compute and write to the one pipe;
what comes out there is looked at once more by who started it (`bot.vault.bare_jpeg`).
"""

import ctypes
import os
import resource
import signal
from typing import Final

MEMORY_BYTES: Final = 768 * 1024 * 1024
PROCESSOR_S: Final = 8
# linux/prctl.h
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38
_STANDARD_THREE: Final = 3
# Behind everything else that runs on the machine, most of all the answers to residents.
_NICER: Final = 10


def limit_means() -> None:
    """Take little memory and time, write no file, and die with who started us."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # The first limit ends us with a signal that tells why, the second with one that does not.
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 1))
    os.nice(_NICER)
    _give_up(_SET_PDEATHSIG, signal.SIGKILL)


def shut_doors(*, threads: bool = False) -> None:
    """Open nothing any more: no file, no socket, no process, no right that was not had before.

    All that is needed must have been loaded. A decoder that works with `threads` cannot be kept
    from starting processes, which the kernel counts alike.
    """
    if not threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    # Numbers 0, 1 and 2 are in use, so no other can be had.
    resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD_THREE, _STANDARD_THREE))
    _give_up(_SET_NO_NEW_PRIVS, 1)
    # Nobody of the same account reads a resident's picture out of our memory.
    _give_up(_SET_DUMPABLE, 0)


def _give_up(what: int, value: int) -> None:
    # Other systems have no such call; there the limits above are what there is.
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None and call(what, value, 0, 0, 0) != 0:
        raise OSError(what)
