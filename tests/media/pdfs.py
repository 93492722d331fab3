"""PDFs: who wrote it, attachments, notes, hidden layers, scripts, older versions."""

import zlib
from collections.abc import Callable, Iterator

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import full_exif, xmp
from tests.media.jpegs import noted, segment
from tests.pictures import pdf_of

_PAGE = b"1 0 0 rg 20 20 100 100 re f"


def stream(body: bytes, more: bytes = b"", *, is_packed: bool = False) -> bytes:
    """Return a stream object."""
    if is_packed:
        body, more = zlib.compress(body), more + b" /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(body), more, body)


def document(
    *objects: bytes,
    catalog: bytes = b"",
    page: bytes = b"",
    drawn: bytes = _PAGE,
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF of one page; `objects` are numbered from five."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R %s >>" % page,
            stream(drawn),
            *objects,
        ],
        trailer,
    )


def _text(word: str) -> bytes:
    return b"(%s)" % word.encode()


def _wide(word: str) -> bytes:
    return b"<FEFF%s>" % word.encode("utf-16-be").hex().upper().encode()


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all PDFs of the corpus."""
    for place, write in (("", _text), (", wide", _wide)):
        word = chest.text()
        info = b"<< /Author %s /Title %s >>" % (write(word), write(word))
        yield _case(f"information{place}", document(info, trailer=b"/Info 5 0 R"), word)
        yield from _noted(chest, place, write)
    word = chest.text()
    data = stream(xmp(word), b"/Type /Metadata /Subtype /XML")
    yield _case("XMP", document(data, catalog=b"/Metadata 5 0 R"), word)
    word = chest.text()
    data = stream(xmp(word), b"/Type /Metadata /Subtype /XML", is_packed=True)
    yield _case("packed XMP", document(data, catalog=b"/Metadata 5 0 R"), word)
    yield from _hidden_parts(chest)
    yield from _pictures(chest)
    word = chest.text()
    yield _case("in a comment", document() + b"% " + word.encode(), word)
    word = chest.text()
    yield _case("behind the end", document() + bytes(500) + word.encode(), word)
    word = chest.text()
    ids = b"/ID [%s %s]" % (_text(word), _text(word))
    yield _case("its ids", document(trailer=ids), word)
    word = chest.text()
    newer = b"4 0 obj\n" + stream(_PAGE) + b"\nendobj\n"
    first = document(drawn=b"% " + word.encode() + b"\n" + _PAGE)
    at = len(first) + 1
    table = b"xref\n4 1\n%010d 00000 n \n" % at
    tail = b"trailer\n<< /Size 5 /Root 1 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        first[first.rindex(b"startxref") + 10 :].split(b"\n")[0],
        at + len(newer),
    )
    yield _case("an older version", first + b"\n" + newer + table + tail, word)


def _case(place: str, body: bytes, *hidden: Secret) -> Case:
    return Case(format="pdf", place=place, body=body, hidden=hidden)


def _noted(chest: Chest, place: str, write: Callable[[str], bytes]) -> Iterator[Case]:
    word = chest.text()
    note = b"<< /Type /Annot /Subtype /Text /Rect [9 9 30 30] /Contents %s /T %s /F 2 >>"
    note %= (write(word), write(word))
    yield _case(f"a hidden note{place}", document(note, page=b"/Annots [5 0 R]"), word)
    word = chest.text()
    field = b"<< /FT /Tx /T %s /V %s /Subtype /Widget /Rect [0 0 0 0] /F 2 >>"
    field %= (write(word), write(word))
    form = b"/AcroForm << /Fields [5 0 R] >>"
    yield _case(f"a hidden field{place}", document(field, catalog=form), word)
    word = chest.text()
    outline = b"<< /Title %s /Parent 6 0 R >>" % write(word)
    root = b"<< /Type /Outlines /First 5 0 R /Last 5 0 R /Count 1 >>"
    yield _case(f"outline{place}", document(outline, root, catalog=b"/Outlines 6 0 R"), word)
    word = chest.text()
    script = b"/OpenAction << /S /JavaScript /JS %s >>" % write(word)
    yield _case(f"script{place}", document(catalog=script), word)
    word = chest.text()
    link = b"<< /Type /Annot /Subtype /Link /Rect [9 9 30 30] /A << /S /URI /URI %s >> >>"
    yield _case(f"link{place}", document(link % write(word), page=b"/Annots [5 0 R]"), word)


def _hidden_parts(chest: Chest) -> Iterator[Case]:
    for is_packed in (False, True):
        kind = ", packed" if is_packed else ""
        word = chest.text()
        inside = stream(word.encode() * 3, b"/Type /EmbeddedFile", is_packed=is_packed)
        named = b"<< /Type /Filespec /F (a.txt) /EF << /F 5 0 R >> >>"
        tree = b"/Names << /EmbeddedFiles << /Names [(a.txt) 6 0 R] >> >>"
        yield _case(f"attachment{kind}", document(inside, named, catalog=tree), word)
        word = chest.text()
        yield _case(
            f"part of nothing{kind}",
            document(stream(word.encode() * 3, is_packed=is_packed)),
            word,
        )
    word = chest.text()
    layer = b"<< /Type /OCG /Name %s >>" % _text(word)
    off = b"/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] >> >>"
    drawn = _PAGE + b" /OC /L BDC BT /F 20 Tf (%s) Tj ET EMC" % word.encode()
    uses = b"/Resources << /Properties << /L 5 0 R >> >>"
    yield _case("a layer switched off", document(layer, catalog=off, page=uses, drawn=drawn), word)
    word = chest.text()
    drawn = _PAGE + b" BT 3 Tr (%s) Tj ET" % word.encode()
    yield _case("text that is not drawn", document(drawn=drawn), word)
    word = chest.text()
    drawn = b"/Span << /ActualText %s >> BDC " % _text(word) + _PAGE + b" EMC"
    yield _case("text for reading aloud", document(drawn=drawn), word)
    word = chest.text()
    piece = b"/PieceInfo << /Own << /Private %s >> >>" % _text(word)
    yield _case("notes of a program", document(page=piece), word)
    word = chest.text()
    drawn = b"BT (%s) Tj ET 0 g 0 0 200 300 re f" % word.encode()
    yield _case("text under a bar", document(drawn=drawn), word)
    word = chest.text()
    drawn = _PAGE + b" BT 900 900 Td (%s) Tj ET" % word.encode()
    yield _case("text beside the page", document(drawn=drawn), word)


def _pictures(chest: Chest) -> Iterator[Case]:
    block, hidden = full_exif(chest)
    inside = noted(segment(0xE1, b"Exif\0\0" + block), base=saved(painted(), "JPEG"))
    head = b"/Subtype /Image /Width 96 /Height 64 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    image = stream(inside, head + b" /Filter /DCTDecode")
    uses = b"/Resources << /XObject << /P 5 0 R >> >>"
    drawn = b"96 0 0 64 20 20 cm /P Do"
    yield _case("EXIF of a picture on it", document(image, page=uses, drawn=drawn), *hidden)
    word = chest.text()
    thumb = stream(saved(painted((20, 20)), "JPEG", comment=word.encode()), head)
    yield _case("thumbnail", document(thumb, page=b"/Thumb 5 0 R"), word)
