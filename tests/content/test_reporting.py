"""What tells on somebody, and what only asks: rows of what is written in groups."""

import pytest

from bot.services.answers.answers import Answers
from content.book import Book
from tests.builders.routing import the_answers


@pytest.fixture(scope="module")
def answers() -> Answers:
    return the_answers()


TELLING = [
    "nhà ông Nam cuối ngõ bán ma túy",
    "nha ong Nam cuoi ngo ban ma tuy",
    "NHÀ ÔNG NAM BÁN MA TÚY!!!",
    "thằng Tú con bà Bảy hay trộm chó",
    "có người tụ tập đánh bạc ở quán cà phê đầu ngõ",
    "hàng xóm nhà tôi đánh vợ suốt ngày",
    "anh Hùng tổ 3 lừa đảo tiền bà con",
    "Chào cả nhà. Quán bên cạnh chứa cá độ đêm nào cũng ồn.",
    "Nhà ông Nam bán ma túy, công an có biết không?",
    "cán bộ ở bộ phận một cửa vòi phong bì",
    "my neighbour is selling drugs",
    "my neighbour who sells drugs is back",
    "I know the man who is selling drugs",
    "my neighbour is selling drugs and everybody knows what he has there",
    "they are dealing drugs, see if you can stop it",
]
ASKING = [
    "",
    "xin chào cả nhà",
    "thấy người bán ma túy thì báo ai",
    "bán ma túy bị phạt thế nào",
    "đốt pháo bị phạt bao nhiêu",
    "tôi bị lừa chuyển khoản thì làm sao",
    "lừa đảo qua mạng có dấu hiệu gì",
    "vay lãi nặng có phạm tội không",
    "đăng ký tạm trú cần giấy gì",
    "anh Nam tổ trưởng số điện thoại bao nhiêu",
    "what should I do if somebody sells drugs",
    "Hello, who can I tell if my neighbour is selling drugs?",
    "if somebody is selling drugs whom do I call",
]


@pytest.mark.parametrize("text", TELLING)
def test_what_tells_on_somebody_is_known(answers: Answers, text: str) -> None:
    assert answers.tells_on_somebody(text)


@pytest.mark.parametrize("text", ASKING)
def test_what_only_asks_is_no_report(answers: Answers, text: str) -> None:
    assert not answers.tells_on_somebody(text)


def test_hardly_an_example_of_a_question_counts_as_a_report(book: Book, answers: Answers) -> None:
    examples = [
        example
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for spoken in answer.examples.values()
        for example in spoken
    ]
    taken = [example for example in examples if answers.tells_on_somebody(example)]
    assert len(taken) <= len(examples) / 40


@pytest.mark.parametrize("text", ["cháy rồi", "nhà tôi đang cháy", "khói nhiều quá", "cứu với"])
def test_sure_danger_is_danger_where_only_sure_counts(answers: Answers, text: str) -> None:
    assert answers.danger(text, only_sure=True) is not None


@pytest.mark.parametrize(
    "text",
    ["có đám đánh nhau ở chợ", "đồi bạch đàn bốc cháy, lửa cách trạm biến áp chưa tới trăm mét"],
)
def test_what_is_only_likely_is_left_out_where_only_sure_counts(
    answers: Answers, text: str
) -> None:
    assert answers.danger(text) is not None
    assert answers.danger(text, only_sure=True) is None
