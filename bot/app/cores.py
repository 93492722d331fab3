"""No copy of the memory is written when a process dies: it holds what is sealed elsewhere."""

import resource


def leave_no_core() -> None:
    """Let the kernel write no core dump of this process, nor of any it starts.

    A service that collects dumps (systemd-coredump, apport) keeps to the same limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
