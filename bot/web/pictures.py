"""QR codes as drawings that stand in the page itself: no file, no request, no style."""

from markupsafe import Markup

from bot.services.qr_codes import Modules, drawn


def qr(content: str | Modules, *, title: str) -> Markup:
    """Return a QR code of `content` as an SVG element that says `title` to screen readers."""
    return Markup(drawn(content, border=2, title=title))  # noqa: S704 - the title is escaped
