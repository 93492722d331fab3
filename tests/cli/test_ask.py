"""Questions answered at the machine."""

import json

import pytest

from tests.cli.conftest import Machine

STRANGE = "http://vneid-gov.example.top"
KEYS = ["id", "intent", "confidence", "emergency", "answer"]


def test_lines_in_are_lines_out(binhyen: Machine) -> None:
    asked = [
        {"id": 1, "text": "làm sao tham gia nhóm"},
        {"id": "b", "text": "có người đang đánh vợ ngay cạnh nhà tôi"},
        {"id": None, "text": ""},
        {"text": "🙂" * 5_000},
        {"id": 5, "text": "\u202eabc\x00\ud800"},
        {"id": 6, "text": "a" * 10_000},
        {"id": 7, "text": f"VNeID cua ban sap bi khoa, cap nhat tai {STRANGE} ngay"},
    ]
    ended = binhyen("ask", stdin="".join(f"{json.dumps(one)}\n" for one in asked).encode())
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.status == 0
    assert [list(answer) for answer in answers] == [KEYS] * len(asked)
    assert [answer["id"] for answer in answers] == [1, "b", None, None, 5, 6, 7]
    assert answers[0]["intent"] == "join_group"
    assert (answers[0]["emergency"], answers[1]["emergency"]) == (False, True)
    assert answers[2]["intent"] == "unknown"
    assert answers[6]["intent"] == "online_scam"
    assert "giống kiểu lừa" in answers[6]["answer"]
    assert STRANGE not in answers[6]["answer"]
    assert all(answer["answer"] for answer in answers)
    assert not (binhyen.folder / "data").exists()


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'"a"', b'{"id":1}', b'{"id":1,"text":7}', b"\xff", b"[" * 100_000],
    ids=["cut", "list", "text", "no text", "number", "no UTF-8", "deep"],
)
def test_a_faulty_line_is_told_and_the_next_is_answered(binhyen: Machine, line: bytes) -> None:
    ended = binhyen("ask", stdin=line + b'\n\n\xef\xbb\xbf{"id":2,"text":"hi"}')
    faulty, answered = [json.loads(one) for one in ended.out.splitlines()]
    assert ended.status == 1
    assert set(faulty) == {"id", "error"}
    assert answered["id"] == 2


async def test_each_line_is_answered_as_it_is_read(binhyen: Machine) -> None:
    process = await binhyen.started("ask")
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(json.dumps({"id": number, "text": "chào"}).encode() + b"\n")
        assert json.loads(await process.stdout.readline())["id"] == number
    process.stdin.close()
    assert await process.wait() == 0


def test_plain_words_are_answered_in_words(binhyen: Machine) -> None:
    ended = binhyen("ask", "báo cháy gọi số nào")
    assert (ended.status, "114" in ended.out) == (0, True)
    several = binhyen("ask", "--json", "báo", "cháy", "gọi", "số", "nào")
    assert several.document["answer"] + "\n" == ended.out
    english = binhyen("ask", "--language", "en", "how do I join the group")
    assert english.out.isascii() or english.out != ended.out


def test_unsure_offers_topics(binhyen: Machine) -> None:
    words = ("tiền", "nhà", "xe", "số", "công an", "giấy tờ", "tin", "người")
    assert any("1. " in binhyen("ask", word).out for word in words)
