"""Every limit Telegram is known to have, and where it is tried, or why it is not ours.

The rows follow the documentation of the Bot API, the source of its server and what operators
tell; a row that names a test fails when that test is gone.
"""

import importlib
import re
from dataclasses import dataclass

import pytest

from bot.channels.telegram.adapter import MAX_CONNECTIONS, PACE, TelegramChannel
from bot.channels.telegram.calls import POLL_S
from bot.core.ids import new_join_code
from bot.core.messages import Choice, Outgoing
from bot.delivery.pacer import Pacer
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import TO
from tests.fakes import SteadyChance

HERE = "tests.channels.telegram"
CONTRACT = "tests.channels.test_contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`tests` are written module.function; `why_not` stands where there is nothing to try."""

    id: str
    tests: tuple[str, ...] = ()
    why_not: str = ""


LIMITS = [
    Limit(
        id="about 30 messages a second for the whole bot",
        tests=(
            "tests.delivery.test_telegram_pace.test_an_announcement_uses_the_pace_and_never_more",
            f"{HERE}.test_pacing.test_no_second_holds_more_than_telegram_takes",
        ),
    ),
    Limit(
        id="one message a second to one chat",
        tests=(
            f"{HERE}.test_adapter.test_parts_of_one_text_keep_the_pace_of_a_chat",
            "tests.delivery.test_sender.test_a_chat_is_left_in_peace_between_two_messages",
        ),
    ),
    Limit(
        id="20 messages and edits a minute to one group",
        tests=(
            f"{HERE}.test_limits.test_a_group_gets_twenty_messages_a_minute_at_most",
            f"{HERE}.test_pacing.test_parts_for_a_group_rest_as_long_as_messages_do",
        ),
    ),
    Limit(
        id="20 typing signs in 5 s, 40 in 30 s",
        why_not="No typing sign is sent: answers come at once, and it would draw on their pace.",
    ),
    Limit(
        id="paid broadcast of up to 1,000 a second",
        why_not="Not used: a commune has no Stars, and 29 a second reach it in minutes.",
    ),
    Limit(
        id="a 429 names a pause in its body and its header",
        tests=(
            f"{HERE}.test_adapter.test_a_429_says_how_long_to_the_second",
            f"{HERE}.test_request.test_an_odd_answer_is_named_for_what_it_is",
            f"{HERE}.test_errors.test_a_pause_for_a_group_holds_no_other_chat",
        ),
    ),
    Limit(
        id="a 429 also for the same file uploaded again",
        tests=(
            f"{HERE}.test_writing.test_a_file_is_uploaded_once_and_named_afterwards",
            f"{HERE}.test_writing.test_many_at_once_wait_for_one_upload",
        ),
    ),
    Limit(
        id="any method may get a 429",
        tests=(
            f"{HERE}.test_polling.test_pauses_grow_and_a_wanted_pause_is_kept",
            f"{HERE}.test_fetching.test_a_pause_is_told_to_the_second",
            f"{HERE}.test_errors.test_a_pause_is_kept_by_the_answers_to_taps_too",
            f"{HERE}.test_amending.test_a_pause_during_a_correction_is_told_and_it_can_be_made_again",
        ),
    ),
    Limit(
        id="4096 characters of text, 1024 of caption, counted in UTF-16",
        tests=(
            f"{CONTRACT}.test_the_longest_text_arrives_whole",
            f"{HERE}.test_writing.test_words_too_long_for_a_caption_follow_their_picture",
            f"{HERE}.test_cutting.test_nothing_but_spaces_is_lost_and_nothing_is_too_long",
        ),
    ),
    Limit(
        id="100 entities",
        tests=(f"{HERE}.test_writing.test_nothing_in_a_text_or_caption_is_markup",),
        why_not="No entity is ever sent; Telegram finds links and commands by itself.",
    ),
    Limit(
        id="albums of 2 to 10",
        why_not="A message has one attachment, so no album is sent; those of people are read.",
    ),
    Limit(
        id="1 to 100 ids in deleteMessages",
        tests=(f"{HERE}.test_amending.test_a_hundred_and_one_messages_are_recalled_in_two_calls",),
    ),
    Limit(
        id="ids strictly increasing in copyMessages and forwardMessages",
        why_not="Nothing is copied or forwarded: an announcement is sent to each by itself.",
    ),
    Limit(
        id="deleted within 48 hours",
        tests=(
            f"{HERE}.test_amending.test_a_message_too_old_to_delete_says_that_it_was_recalled",
            f"{HERE}.test_amending.test_a_recall_without_words_that_is_not_allowed_is_refused",
        ),
    ),
    Limit(
        id="others' messages in groups only with the right",
        tests=(
            f"{HERE}.test_amending.test_what_somebody_wrote_in_a_group_is_deleted_where_we_may",
        ),
    ),
    Limit(
        id="an edit that changes nothing is refused",
        tests=(f"{HERE}.test_amending.test_an_edit_that_changes_nothing_is_done",),
    ),
    Limit(
        id="callback_data of 1 to 64 bytes",
        tests=(
            f"{HERE}.test_limits.test_a_word_of_64_bytes_is_a_button_and_a_longer_one_is_not",
            f"{CONTRACT}.test_a_word_too_long_for_a_button_is_offered_as_a_number",
        ),
    ),
    Limit(
        id="payloads of links of 64 characters A-Za-z0-9_-",
        tests=(f"{HERE}.test_limits.test_codes_fit_into_a_link",),
    ),
    Limit(id="polls and quizzes", why_not="No poll is sent; one of a person is read as media."),
    Limit(
        id="10 MB of photo, 50 MB of file",
        tests=(
            f"{HERE}.test_writing.test_a_picture_telegram_cannot_show_goes_as_a_document",
            f"{HERE}.test_writing.test_what_no_message_can_carry_is_refused_before_telegram_sees_it",
        ),
    ),
    Limit(
        id="20 MB of download",
        tests=(
            f"{HERE}.test_fetching.test_a_file_that_is_too_large_is_not_fetched",
            f"{HERE}.test_fetching.test_a_page_that_sends_more_than_was_said_is_cut_off",
        ),
    ),
    Limit(
        id="the secret header of 1 to 256 base64url characters",
        tests=(
            f"{HERE}.test_adapter.test_the_webhook_is_set_with_its_secret_and_the_kinds_we_read",
            f"{HERE}.test_adapter.test_without_a_secret_of_its_own_no_request_is_believed",
            f"{CONTRACT}.test_a_forged_request_is_refused",
        ),
    ),
    Limit(
        id="webhooks over https on four ports",
        tests=(
            f"{HERE}.test_adapter.test_an_address_that_telegram_will_never_take_is_said_by_the_check",
        ),
    ),
    Limit(
        id="1 to 100 connections of the webhook",
        tests=(f"{HERE}.test_limits.test_what_we_ask_for_is_within_what_may_be_asked",),
    ),
    Limit(
        id="order per chat for messages, per person for taps",
        tests=(f"{HERE}.test_polling.test_what_people_write_is_received_in_order",),
        why_not="A tap and a text that overtake each other cannot be told; each stands by itself.",
    ),
    Limit(
        id="the next update waits for the 2xx of the one before",
        tests=(
            f"{HERE}.test_updates.test_one_unreadable_update_does_not_hold_up_the_others",
            f"{HERE}.test_polling.test_an_update_that_could_not_be_stored_comes_again",
        ),
    ),
    Limit(
        id="a webhook's answer that names a method is carried out",
        why_not="Our answers to webhooks have no body.",
    ),
    Limit(
        id="repeats after 0, 2, 4, 8 s up to two minutes; Retry-After obeyed up to an hour",
        tests=(f"{CONTRACT}.test_a_repeated_request_has_the_same_event_id",),
        why_not="How often it repeats is Telegram's; we answer once the update is stored.",
    ),
    Limit(
        id="60 s for the answer, one connection after 10 s without success",
        why_not="Storing takes milliseconds, and nothing else is done before the answer.",
    ),
    Limit(
        id="a tap is answered within 150 s",
        tests=(
            f"{HERE}.test_taps.test_a_tap_is_answered_within_its_time_and_not_afterwards",
            f"{HERE}.test_taps.test_every_tap_that_comes_in_can_be_answered",
        ),
    ),
    Limit(
        id="updates are kept for 24 hours",
        tests=(
            f"{HERE}.test_switching.test_what_was_written_while_polling_stopped_comes_by_the_webhook",
        ),
        why_not="What is older than a day is lost over there; no call brings it back.",
    ),
    Limit(
        id="23 hours of 410 drop the webhook",
        why_not="410 is never answered; a webhook that is gone is set again at every start.",
    ),
    Limit(
        id="duplicates, and numbers that begin anywhere after a quiet week",
        tests=(
            f"{CONTRACT}.test_a_repeated_request_has_the_same_event_id",
            f"{HERE}.test_polling.test_after_an_empty_answer_numbers_may_start_anywhere_again",
        ),
    ),
    Limit(
        id="blocked, deactivated, not found, migrated",
        tests=(
            f"{HERE}.test_errors.test_every_wording_says_what_comes_next",
            f"{HERE}.test_errors.test_a_group_that_moved_says_where_to",
        ),
    ),
    Limit(
        id="no way to send once only",
        tests=(
            f"{CONTRACT}.test_a_failed_send_says_what_comes_next",
            f"{CONTRACT}.test_a_platform_off_the_net_is_told_from_one_that_does_not_answer",
            f"{HERE}.test_writing.test_what_stopped_half_way_goes_on_where_it_stopped",
            f"{HERE}.test_adapter.test_a_success_nobody_can_read_is_not_repeated",
        ),
    ),
    Limit(
        id="100 updates and 50 s in getUpdates, none while a webhook is set",
        tests=(
            f"{HERE}.test_limits.test_what_we_ask_for_is_within_what_may_be_asked",
            f"{HERE}.test_polling.test_a_webhook_left_over_is_removed_first",
            f"{HERE}.test_polling.test_another_program_that_asks_all_the_time_is_told_to_officers",
        ),
    ),
    Limit(
        id="commands of 1 to 32 of a-z0-9_, descriptions of 256, 512 and 120 characters",
        tests=(f"{HERE}.test_introducing.test_every_command_offered_is_understood_and_fits",),
    ),
]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.id)
def test_a_limit_is_tried_or_told_why_not(limit: Limit) -> None:
    assert limit.tests or limit.why_not
    for path in limit.tests:
        module, _, name = path.rpartition(".")
        assert hasattr(importlib.import_module(module), name), path


def test_what_we_ask_for_is_within_what_may_be_asked() -> None:
    assert 1 <= MAX_CONNECTIONS <= 100
    assert POLL_S <= 50


def test_a_group_gets_twenty_messages_a_minute_at_most() -> None:
    pacer, at_s, moments = Pacer(PACE), 0.0, []
    while at_s < 300:
        pacer.take("-100", is_group=True, at=at_s)
        moments.append(at_s)
        at_s = max(pacer.channel_free_at(), pacer.chat_free_at("-100"))

    assert max(sum(began <= one < began + 60 for one in moments) for began in moments) <= 20


@pytest.mark.parametrize(("word", "is_button"), [("ă" * 32, True), ("ă" * 32 + "a", False)])
async def test_a_word_of_64_bytes_is_a_button_and_a_longer_one_is_not(
    channel: TelegramChannel, stub: TelegramStub, *, word: str, is_button: bool
) -> None:
    await channel.send(TO, Outgoing(text="Chọn:", choices=(Choice(label="A", word=word),)))

    assert bool(stub.sent[0].buttons) == is_button


@pytest.mark.parametrize("word", ["join", "lienket", "track", "tip"])
def test_codes_fit_into_a_link(word: str) -> None:
    payload = f"{word}_{new_join_code(SteadyChance())}"

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
