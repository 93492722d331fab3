"""What a browser would send of a page's form, as it stands."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self._area, self._text = found["name"], []
        is_box = found.get("type") == "checkbox"
        if tag == "input" and "name" in found and (not is_box or "checked" in found):
            self.pairs.append((found["name"], found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.pairs.append((self._area, "".join(self._text)))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)


def fields_of(html: str, **typed_over: str) -> list[tuple[str, str]]:
    """Return the fields of the form on a page, some typed over."""
    reader = _Fields()
    reader.feed(html)
    kept = [(name, value) for name, value in reader.pairs if name not in typed_over]
    return [*kept, *typed_over.items()]
