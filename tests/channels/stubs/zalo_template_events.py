"""Bodies of the events around templates, tags, consent and trade, which the stub never plays.

They are in the catalogue so that a receiver is tried with all of them. Where the pages name an
event but not its parts, the parts are invented in the manner of its neighbours.
"""

from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_events import Event

TEMPLATE: Event = {"template_id": "123456"}
PHONE = "84900000000"


def _account(app: ZaloApp, oa: ZaloOa, name: str, **parts: object) -> Event:
    return {"oa_id": oa.oa_id, "app_id": app.app_id, "event_name": name, **parts}


def tag_events(app: ZaloApp, oa: ZaloOa, *, user_id: str, tag: str = "tổ 3") -> dict[str, Event]:
    """Return the events of labels and of what the OA notes of people."""
    one = {"user_ids": [user_id], "name": tag}
    return {
        "add_user_to_tag": _account(app, oa, "add_user_to_tag", tag=one),
        "remove_user_from_tag": _account(app, oa, "remove_user_from_tag", tag=one),
        "remove_tag": _account(app, oa, "remove_tag", tag={"name": tag}),
        "update_user_info": _account(
            app,
            oa,
            "update_user_info",
            data={"method": "OA_UPDATE", "user_id": user_id},
        ),
    }


def template_events(app: ZaloApp, oa: ZaloOa, person: ZaloPerson) -> dict[str, Event]:
    """Return the events of the account's templates and of people's answers to them."""
    answered: Event = {"msg_id": "z1", "tracking_id": "don-123"}
    return {
        "change_oa_template_tags": {
            "oaId": oa.oa_id,
            "app_id": app.app_id,
            "event_name": "change_oa_template_tags",
            "tags": ["TRANSACTION"],
        },
        "change_template_quality": _account(
            app,
            oa,
            "change_template_quality",
            **TEMPLATE,
            quality={"prev_quality": "HIGH", "new_quality": "MEDIUM"},
        ),
        "change_template_quota": _account(
            app,
            oa,
            "change_template_quota",
            **TEMPLATE,
            quota={"prev_quota": "500", "new_quota": "2000"},
        ),
        "change_template_status": _account(
            app,
            oa,
            "change_template_status",
            **TEMPLATE,
            status={"prev_status": "PENDING_REVIEW", "new_status": "ENABLE"},
            reason="",
        ),
        "user_feedback": _account(
            app,
            oa,
            "user_feedback",
            message=answered | {"rate": 5, "note": "Tốt", "feedbacks": [], "submit_time": "1"},
        ),
        "user_click_response_button": _account(
            app, oa, "user_click_response_button", message=answered
        ),
        "event_journey_time_out": _account(
            app, oa, "event_journey_time_out", journey_id="j1", message=answered
        ),
        "event_journey_acknowledged": _account(
            app, oa, "event_journey_acknowledged", journey_id="j1", message=answered
        ),
    }


def delivered_by_phone(app: ZaloApp, oa: ZaloOa, *, delivered_ms: str) -> Event:
    """Return the delivery of a template: the name of a chat event, but from another server."""
    return {
        "app_id": app.app_id,
        "sender": {"id": oa.oa_id},
        "recipient": {"id": PHONE},
        "event_name": "user_received_message",
        "message": {"delivery_time": delivered_ms, "msg_id": "z1", "tracking_id": "don-123"},
    }


def consent_and_trade_events(app: ZaloApp, oa: ZaloOa, person: ZaloPerson) -> dict[str, Event]:
    """Return the events of consent to calls, of web widgets and of shops."""
    visitor: Event = {
        "user_id": person.user_id,
        "user_external_id": "ho-12",
        "url": "https://example.org/",
    }
    return {
        "oa_send_consent": _account(
            app,
            oa,
            "oa_send_consent",
            phone=PHONE,
            request_type="SENT",
            create_time="1770000000000",
            expired_time="1770086400000",
        ),
        "user_reply_consent": _account(
            app, oa, "user_reply_consent", phone=PHONE, user_consent="ALLOW"
        ),
        "widget_interaction_accepted": _account(
            app, oa, "widget_interaction_accepted", data=visitor
        ),
        "widget_failed_to_sync_user_external_id": _account(
            app, oa, "widget_failed_to_sync_user_external_id", data=visitor
        ),
        "shop_has_order": _account(app, oa, "shop_has_order", order_id="1"),
        "extension_purchased": _account(app, oa, "extension_purchased", extension_id="1"),
    }
