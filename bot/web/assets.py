"""Style sheets, scripts and letters: found once at start, named by a hash of their content.

A page asks for `/static/binhyen.css?v=1f2e…`; the answer may be kept for a year, because
another content has another name. Which folders there are is said by `bot.app`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aiohttp import web

OWN_FOLDER: Final = Path(__file__).parent / "static"
# What goes into PDFs is no page's and is not served.
FONTS: Final = OWN_FOLDER / "vendor"
_URL: Final = "/static/"
_YEAR: Final = "public, max-age=31536000, immutable"
# Asked for without a hash: the letters that fonts.css names, or a link typed by hand.
_DAY: Final = "public, max-age=86400"
_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asset:
    path: Path
    version: str


class Assets:
    """The files that may be fetched below /static/. Anything else is not found."""

    def __init__(self, assets: Mapping[str, _Asset]) -> None:
        self._assets = assets

    @classmethod
    def load(cls, *more_folders: Path) -> Self:
        """Return the files of this room and of `more_folders`; names must not repeat."""
        return cls(_found((OWN_FOLDER, *more_folders)))

    def url(self, name: str) -> str:
        """Return the address of a file with its hash. Raise `KeyError` for an unknown one."""
        return f"{_URL}{name}?v={self._assets[name].version}"

    def has(self, name: str) -> bool:
        """Tell whether there is such a file; the letters are missing until assets are made."""
        return name in self._assets

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer GET /static/{name}."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        is_named = request.query.get("v") == asset.version
        return web.FileResponse(
            asset.path,
            headers={
                "Cache-Control": _YEAR if is_named else _DAY,
                "Content-Type": f"{_TYPES[asset.path.suffix]}; charset=utf-8"
                if asset.path.suffix != ".woff2"
                else _TYPES[".woff2"],
            },
        )

    def routes(self) -> list[web.RouteDef]:
        """Return the route of the files."""
        return [web.get(_URL + "{name:.+}", self.serve)]


def _found(folders: Sequence[Path]) -> dict[str, _Asset]:
    assets: dict[str, _Asset] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in _TYPES and path.is_file():
                name = path.relative_to(folder).as_posix()
                if name in assets:
                    raise ValueError(f"two files want the address {_URL}{name}")
                version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
                assets[name] = _Asset(path=path, version=version)
    return assets
