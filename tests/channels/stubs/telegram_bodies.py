"""Ready contents of every kind of message, invented, in the shapes the Bot API documents.

`CONTENTS` are the fields of what people send, `NOTICES` those of service messages, both to be
handed to `stub.user_sends` or put into a message. Whole updates: `telegram_update_examples`.
"""

from collections.abc import Mapping
from typing import Final

from tests.channels.stubs.telegram_members import Body

PERSON: Final[Body] = {
    "id": 7_000_000_001,
    "is_bot": False,
    "first_name": "Người Thử",
    "language_code": "vi",
}
BOT: Final[Body] = {
    "id": 123_456,
    "is_bot": True,
    "first_name": "Bot Thử",
    "username": "thu_nghiem_bot",
}
PRIVATE: Final[Body] = {"id": 7_000_000_001, "type": "private", "first_name": "Người Thử"}
GROUP: Final[Body] = {"id": -4_000_000_001, "type": "group", "title": "Nhóm Thử"}
SUPERGROUP: Final[Body] = {"id": -1_002_000_000_001, "type": "supergroup", "title": "Nhóm Thử"}
CHANNEL: Final[Body] = {"id": -1_003_000_000_001, "type": "channel", "title": "Kênh Thử"}
CHATS: Final[Mapping[str, Body]] = {
    "private": PRIVATE,
    "group": GROUP,
    "supergroup": SUPERGROUP,
    "channel": CHANNEL,
}

DATE: Final = 1_795_305_600


def _file(name: str, **more: object) -> Body:
    return {
        "file_id": f"AgAD{name}",
        "file_unique_id": f"u-{name}",
        "file_size": 2048,
        **more,
    }


_PHOTO: Final[list[Body]] = [
    _file("photo-s", width=90, height=67),
    _file("photo", width=1280, height=960),
]
_PLACE: Final[Body] = {"latitude": 21.0285, "longitude": 105.8542}

CONTENTS: Final[Mapping[str, Body]] = {
    "text": {"text": "Xin chào"},
    "command": {
        "text": "/trogiup",
        "entities": [{"type": "bot_command", "offset": 0, "length": 8}],
    },
    "start_with_payload": {
        "text": "/start to3-abc_DEF",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    },
    "photo": {"photo": _PHOTO},
    "photo_with_caption": {"photo": _PHOTO, "caption": "Cổng làng"},
    "photo_of_an_album": {"photo": _PHOTO, "media_group_id": "14000000000000001"},
    "document": {"document": _file("document", file_name="Đơn.pdf", mime_type="application/pdf")},
    "picture_as_document": {
        "document": _file("picture", file_name="anh.jpg", mime_type="image/jpeg"),
        "caption": "Ảnh gốc",
    },
    "voice": {"voice": _file("voice", duration=4, mime_type="audio/ogg")},
    "audio": {"audio": _file("audio", duration=60, mime_type="audio/mpeg", title="Ghi âm")},
    "video": {"video": _file("video", width=640, height=360, duration=8, mime_type="video/mp4")},
    "video_note": {"video_note": _file("note", length=240, duration=5)},
    "animation": {
        "animation": _file("gif", width=320, height=240, duration=2),
        "document": _file("gif"),
    },
    "sticker": {
        "sticker": _file(
            "sticker",
            type="regular",
            width=512,
            height=512,
            is_animated=False,
            is_video=False,
            emoji="👍",
        )
    },
    "location": {"location": _PLACE},
    "live_location": {"location": {**_PLACE, "live_period": 900, "horizontal_accuracy": 12.0}},
    "venue": {
        "venue": {"location": _PLACE, "title": "Nhà văn hóa", "address": "Tổ 3"},
        "location": _PLACE,
    },
    "contact": {"contact": {"phone_number": "84900000000", "first_name": "Người Thử"}},
    "own_contact": {
        "contact": {
            "phone_number": "84900000000",
            "first_name": "Người Thử",
            "user_id": 7_000_000_001,
        }
    },
    "poll": {
        "poll": {
            "id": "5000000000000000001",
            "question": "Họp tối nay?",
            "options": [
                {"persistent_id": "1", "text": "Có", "voter_count": 0},
                {"persistent_id": "2", "text": "Không", "voter_count": 0},
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
    },
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "story": {"story": {"chat": PRIVATE, "id": 1}},
    "forwarded_text": {
        "text": "Tin chuyển tiếp",
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Ai Đó", "date": DATE},
    },
    "text_with_a_link": {
        "text": "Xem https://example.org/",
        "entities": [{"type": "url", "offset": 4, "length": 20}],
    },
    "self_destructing_photo": {"photo": _PHOTO, "has_media_spoiler": True},
    "shape_of_tomorrow": {"hologram": {"file_id": "AgADhologram"}},
}

NOTICES: Final[Mapping[str, Body]] = {
    "new_chat_members": {"new_chat_members": [PERSON]},
    "bot_added": {"new_chat_members": [BOT]},
    "left_chat_member": {"left_chat_member": PERSON},
    "bot_removed": {"left_chat_member": BOT},
    "new_chat_title": {"new_chat_title": "Tổ 3"},
    "new_chat_photo": {"new_chat_photo": _PHOTO},
    "delete_chat_photo": {"delete_chat_photo": True},
    "group_chat_created": {"group_chat_created": True},
    "supergroup_chat_created": {"supergroup_chat_created": True},
    "migrate_to_chat_id": {"migrate_to_chat_id": -1_002_000_000_001},
    "migrate_from_chat_id": {"migrate_from_chat_id": -4_000_000_001},
    "message_auto_delete_timer_changed": {
        "message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}
    },
    "pinned_message": {
        "pinned_message": {"message_id": 1, "date": DATE, "chat": GROUP, "text": "Lịch họp"}
    },
    "pinned_message_out_of_sight": {"pinned_message": {"message_id": 1, "date": 0, "chat": GROUP}},
    "video_chat_started": {"video_chat_started": {}},
    "video_chat_ended": {"video_chat_ended": {"duration": 60}},
    "forum_topic_created": {"forum_topic_created": {"name": "Hỏi đáp", "icon_color": 7_322_096}},
    "write_access_allowed": {"write_access_allowed": {"from_request": True}},
    "users_shared": {"users_shared": {"request_id": 1, "users": [{"user_id": 7_000_000_002}]}},
    "chat_background_set": {
        "chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🐣"}}
    },
    "boost_added": {"boost_added": {"boost_count": 1}},
}
