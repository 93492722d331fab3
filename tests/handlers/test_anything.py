"""Whatever is said in whatever order: never an error, always something short to read."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.messages import IncomingKind, Outgoing
from tests.builders.town import Town
from tests.tip_talks import sent

LONGEST = 4_000
WORD_BYTES = 64
WORDS = [
    *("/batdau", "/trogiup", "/khancap", "/togiac", "/theodoi", "/thamgia", "/thamgia {code}"),
    *("/roinhom", "/camket", "/dulieu", "/boqua", "/quaylai", "/huy", "/nguoi", "/start", "/"),
    *("/chude", "~topic_on_traffic", "~topic_off_traffic", "~topic_on_", "~topic_on_x", "1, 3 9"),
    *("~topics_done", "~topics_none", "/xoa", "/xoa {receipt}", "/theodoi {receipt}", "/traloi"),
    *("/traloi 1", "/traloi 9", "~talk_send", "~talk_edit", "~talk_pause", "~talk_burn", "~talk_"),
    *("~track_add", "~track_fix", "~track_withdraw", "~track_withdraw_indeed", "~track_done"),
    *("~track_keep", "~track_copied", "~tip_contact", "~tip_is_urgent", "~tip_not_urgent"),
    *("~tip_number_1", "~tell_as_is", "~tell_anew"),
    *("~tip_start", "~tip_fire", "~tip_send", "~tip_edit", "~tip_keep", "~tip_", "~tip_nonsense"),
    *("~agree", "~decline", "~sign", "~not_now", "~delete", "~delete_indeed", "~tell", "~"),
    *("~false_alarm", "?fire_safety", "?nonsense", "?", "1", "2", "13", "99", "0", "Đồng ý"),
]
TEXTS = [
    *("cháy nhà rồi cứu với", "báo cháy gọi số nào", "Có người bán hàng lạ ở đầu ngõ", "ok", "😀"),
    *("Gọi tôi số 0912 000 111 nhé", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF", "\u202e\u200f", "\x00"),
    *("😀👨‍👩‍👧‍👦🔥" * 30, "a" * 10_000, "Chuyện dài lắm. " * 700, "<b>&amp;</b> *_`[", "\ud83d"),
]
SAID = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(TEXTS), st.text(max_size=40), st.characters()
)
KINDS = st.sampled_from(
    [IncomingKind.TEXT] * 6 + [IncomingKind.CHOICE] * 4 + [IncomingKind.START, IncomingKind.MEDIA]
)
LINES = st.lists(st.tuples(KINDS, SAID), min_size=1, max_size=12)


def check(reply: Outgoing) -> None:
    assert 0 < len(reply.text.strip()) <= LONGEST
    for choice in reply.choices:
        assert 0 < len(choice.label) <= WORD_BYTES
        assert len(choice.word.encode()) <= WORD_BYTES
        assert choice.word or choice.phone or choice.url


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES, channel=st.sampled_from(["web", "telegram", "zalo"]), is_group=st.booleans())
async def test_nothing_anybody_says_is_too_much(
    town: Town, lines: list[tuple[IncomingKind, str]], channel: str, *, is_group: bool
) -> None:
    await town.founded()
    talk = town.talk(channel, chat=town.event_id(), is_group=is_group)
    # Officers could ask back here; and there is a receipt to be typed.
    receipt = await sent(town, talk)
    for kind, said in lines:
        text = said.replace("{code}", town.hamlet.join_code).replace("{receipt}", receipt)
        text = text.encode(errors="ignore").decode()
        replies = await talk.says(text, kind)
        assert replies or is_group
        for reply in replies:
            check(reply)
    assert town.meter.total("inbox_retried") == 0
