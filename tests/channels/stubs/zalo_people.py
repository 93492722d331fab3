"""What an OA may read about a person. Names are withheld from servers outside of Vietnam."""

from tests.channels.stubs.zalo_accounts import ZaloPerson
from tests.channels.stubs.zalo_answers import envelope

OUTSIDE_TEXT = "personal information is limited due to ip address not inside vietnam"
SHARED = ("address", "city", "district", "phone", "name", "user_dob")
AVATAR = "https://s120-ava-talk.zadn.vn/invented.jpg"


def person_details(person: ZaloPerson, *, is_outside: bool) -> dict[str, object]:
    """Return the answer of `user/detail`; dates carry no time of day, as on the platform."""
    last = person.last_interaction_at
    data: dict[str, object] = {
        "user_id": person.user_id,
        "user_id_by_app": person.user_id_by_app,
        "user_external_id": "",
        "user_alias": "",
        "is_sensitive": False,
        "user_last_interaction_date": last.strftime("%d/%m/%Y") if last else "",
        "user_is_follower": person.is_follower,
        "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": list(person.tags)},
        "shared_info": {name: person.shared.get(name, "") for name in SHARED},
    }
    if is_outside:
        return envelope(data) | {"message": OUTSIDE_TEXT}
    data["display_name"] = person.name
    data["avatar"] = AVATAR
    data["avatars"] = {"120": AVATAR, "240": AVATAR}
    return envelope(data)
