"""What in a tip may betray its writer is found, however it is spelled; what others did is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.book import Book
from content.revealing import HintKind

BETRAYS = [
    ("Gọi lại cho tôi số 0912345678 nhé", HintKind.PHONE),
    ("sdt minh o912 345 678", HintKind.PHONE),
    ("số của em: +84 912-345-678", HintKind.PHONE),
    ("lien he 0236.3.555.123", HintKind.PHONE),
    ("Số điện thoại của tôi công an có rồi", HintKind.PHONE),
    ("CCCD 079123456789", HintKind.IDENTITY),
    ("cmnd 025123456, đề nghị giữ kín", HintKind.IDENTITY),
    ("số 079 123 456 789", HintKind.IDENTITY),
    ("cccd của tôi mất hôm qua", HintKind.IDENTITY),
    ("thư về an.danh+1@example.test giúp", HintKind.EMAIL),
    ("fb của mình là Hoa Hồng Nhỏ", HintKind.EMAIL),
    ("Nhà tôi số 12 ngõ 5, nó ở bên kia", HintKind.HOME),
    ("nha toi so 12", HintKind.HOME),
    ("NHÀ TÔI Ở HẺM 12/3", HintKind.HOME),
    ("nhà t số 5 đó", HintKind.HOME),
    ("tôi ở số 7 đường Bịa", HintKind.HOME),
    ("mk o tro phong 302", HintKind.HOME),
    ("Em đang thuê trọ ở phòng 12", HintKind.HOME),
    ("địa chỉ của tôi ở đầu ngõ", HintKind.HOME),
    ("nó bán ngay cạnh nhà tôi", HintKind.HOME),
    ("doi dien nha minh co tu diem", HintKind.HOME),
    ("hàng xóm nhà em hay đánh bạc", HintKind.HOME),
    ("Tôi ở sát vách nhà đó", HintKind.HOME),
    ("em tro ngay tang tren", HintKind.HOME),
    ("nhà số 15 là nhà tôi", HintKind.HOME),
    ("I live at 5 Bia street", HintKind.HOME),
    ("He sells it next to my house", HintKind.HOME),
    ("Tôi tên là Bịa", HintKind.NAME),
    ("toi ten Bia", HintKind.NAME),
    ("tên mình là Bịa", HintKind.NAME),
    ("Tôi là Nguyễn Văn Bịa", HintKind.NAME),
    ("Tôi\nlà   Nguyễn Bịa", HintKind.NAME),
    ("Người báo: Trần Thị Bịa", HintKind.NAME),
    ("my name is Bia", HintKind.NAME),
    ("tôi là vợ của ông ấy", HintKind.TIE),
    ("Em đang học lớp 9A cùng nó", HintKind.TIE),
    ("công ty tôi bị mất xe hoài", HintKind.TIE),
    ("cháu là hàng xóm", HintKind.TIE),
]
TELLS_OF_OTHERS = [
    "Nhà số 5 ngõ 12 tối nào cũng có người lạ ra vào.",
    "Tối ở số 5 đường Bịa có đánh bạc.",
    "Tới số 12 thì thấy ba tên cướp.",
    "Tên tội phạm chạy về phía chợ.",
    "ten toi pham chay ve phia cho",
    "Nó lừa lấy 500000000 đồng của bà cụ.",
    "Chúng đòi 500.000.000 đồng.",
    "Hôm 02.10.2026 09:30 có tiếng súng.",
    "Xe máy biển số 43C1-123.45 màu đỏ.",
    "Chồng tôi hay đánh tôi và các con.",
    "Có người gọi cho tôi, tự xưng là công an.",
    "Nhà em ấy ở số 5.",
    "Gọi 113 hay 114 hay 115?",
    "Thấy 3 người, khoảng 20 tuổi, đi 2 xe.",
    "The man at number 5 sells drugs every night.",
]


@pytest.mark.parametrize(("text", "kind"), BETRAYS, ids=[text for text, _ in BETRAYS])
def test_what_may_betray_the_writer_is_pointed_at(book: Book, text: str, kind: HintKind) -> None:
    hints = book.revealing.find(text)
    assert kind in {hint.kind for hint in hints}
    flat = " ".join(text.split())
    assert all(hint.found and hint.found in flat for hint in hints)


@pytest.mark.parametrize("text", TELLS_OF_OTHERS)
def test_what_is_told_of_others_is_left_alone(book: Book, text: str) -> None:
    assert book.revealing.find(text) == []


def test_every_place_is_named_once_and_not_endlessly(book: Book) -> None:
    text = "Tôi tên là Bịa, nhà tôi số 5, tôi tên là Bịa. " + "0912345678, 0912345679, " * 9
    hints = book.revealing.find(text)
    assert len({hint.found for hint in hints}) == len(hints) == 5


@pytest.mark.parametrize("kind", HintKind)
def test_pages_can_read_the_same_expressions(book: Book, kind: HintKind) -> None:
    # Scripts of old phones know no looking behind, no inline flags, no named groups.
    assert not re.search(r"\(\?(?!:|!)", book.revealing.expressions[kind])


def test_every_kind_has_a_name_to_be_said(book: Book) -> None:
    keys = {kind.sentence for kind in HintKind}
    assert book.voice("tips", *keys).keys == keys


@given(st.text(max_size=400))
def test_any_text_can_be_looked_through(book: Book, text: str) -> None:
    for hint in book.revealing.find(text):
        assert hint.found
