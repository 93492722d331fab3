"""`openapi.yaml` says what the code does, no more and no less: any drift fails here."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
import yaml

from bot.core.announcements import AnnouncementState
from bot.core.api_tokens import Scope
from bot.core.hooks import HookEvent
from bot.core.ids import HookCallId
from bot.services.hooks.bodies import AnnouncementFinished, HookTest, TipData, TipReceived
from bot.services.hooks.posting import signed
from bot.web.api.announcements import ENDPOINTS, REPLAYED
from bot.web.api.door import OPENAPI
from bot.web.api.endpoints import Endpoint
from bot.web.api.shapes import Problem
from tests.fakes import NOON
from tests.web.api.rig import API, DRAFT, Rig

SPOKEN: Mapping[str, Any] = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))
TOLD = SPOKEN["components"]["schemas"]
REF = "#/components/schemas/"
# What people need and a type does not know.
WORDS = frozenset({"description", "title", "summary"})
# The states stand in the code as an enum of their own, with "finished" read off the outcomes.
STATES = sorted({*(state.value for state in AnnouncementState), "finished"})

ROUTES = {f"{one.method} {one.path}": one for one in ENDPOINTS}


def operations() -> Iterator[tuple[str, Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Yield name, operation and every parameter of each path."""
    for path, item in SPOKEN["paths"].items():
        shared = item.get("parameters", [])
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                own = item[method].get("parameters", [])
                yield f"{method.upper()} {path}", item[method], [*shared, *own]


OPERATIONS = {name: (operation, parameters) for name, operation, parameters in operations()}


def followed(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to."""
    while "$ref" in part:
        found: Any = SPOKEN
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def bare(schema: Any, *, is_properties: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema without words, whatever order its alternatives stand in."""
    match schema:
        case dict():
            return {
                key: sorted(value) if key == "required" else bare(value, is_properties=_has(key))
                for key, value in sorted(schema.items())
                if is_properties or key not in WORDS
            }
        case list():
            return sorted((bare(one) for one in schema), key=repr)
        case _:
            return schema


def _has(key: str) -> bool:
    return key == "properties"


EVENTS: Mapping[str, type[msgspec.Struct]] = {
    HookEvent.ANNOUNCEMENT_FINISHED: AnnouncementFinished,
    HookEvent.TIP_RECEIVED: TipReceived,
    HookEvent.HOOK_TEST: HookTest,
}


def shapes() -> set[type[msgspec.Struct]]:
    asked = {one.takes for one in ENDPOINTS if one.takes}
    return {*asked, *(one.gives for one in ENDPOINTS), *EVENTS.values(), Problem}


def known() -> dict[str, Any]:
    """Return the schemas as the code has them."""
    ordered = sorted(shapes(), key=lambda one: one.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template=REF + "{name}")
    shown = components["AnnouncementShown"]["properties"]
    shown["state"] = {**shown["state"], "enum": STATES}
    return components


def test_every_path_and_method_is_told_and_no_other() -> None:
    assert sorted(OPERATIONS) == sorted(ROUTES)


def test_every_schema_is_told_as_the_code_has_it_and_no_other() -> None:
    wanted = known()
    assert sorted(TOLD) == sorted(wanted)
    for name, schema in wanted.items():
        assert bare(TOLD[name]) == bare(schema), name


@pytest.mark.parametrize("name", ROUTES)
def test_an_operation_needs_the_scope_of_its_endpoint(name: str) -> None:
    operation, _ = OPERATIONS[name]
    assert operation["security"] == [{"token": [ROUTES[name].scope.value]}]
    assert operation["operationId"] == ROUTES[name].act.__name__


@pytest.mark.parametrize("name", ROUTES)
def test_an_operation_tells_every_status_with_its_shape(name: str) -> None:
    endpoint = ROUTES[name]
    answers = {
        int(status): followed(one) for status, one in OPERATIONS[name][0]["responses"].items()
    }
    assert set(answers) == endpoint.statuses
    for status, answer in answers.items():
        is_well = status in endpoint.well
        kind = "application/json" if is_well else "application/problem+json"
        shape = endpoint.gives if is_well else Problem
        assert answer["content"] == {kind: {"schema": {"$ref": REF + shape.__name__}}}, status
        assert answer["description"]
        assert ("headers" in answer) == (status in {429, 503})


@pytest.mark.parametrize("name", ROUTES)
def test_an_operation_takes_what_its_endpoint_takes(name: str) -> None:
    endpoint = ROUTES[name]
    operation, parameters = OPERATIONS[name]
    if endpoint.takes is None:
        assert "requestBody" not in operation
    else:
        body = operation["requestBody"]
        assert body["required"]
        shape = {"$ref": REF + endpoint.takes.__name__}
        assert body["content"] == {"application/json": {"schema": shape}}
    told = {(one["in"], one["name"]): one for one in map(followed, parameters)}
    assert set(told) == _parameters(endpoint)
    for field in msgspec.structs.fields(endpoint.query) if endpoint.query else ():
        one = told["query", field.encode_name]
        (schema,), _ = msgspec.json.schema_components([field.type])
        assert one["required"] == field.required
        assert bare(one["schema"]) == bare({**schema, "default": field.default})


def _parameters(endpoint: Endpoint) -> set[tuple[str, str]]:
    found = {("header", name) for name in endpoint.headers}
    if "{announcement_id}" in endpoint.path:
        found.add(("path", "announcement_id"))
    if endpoint.query:
        found |= {("query", field.encode_name) for field in msgspec.structs.fields(endpoint.query)}
    return found


def test_every_event_is_told_with_its_body_and_how_it_is_signed() -> None:
    assert set(EVENTS) == set(HookEvent) == set(SPOKEN["webhooks"])
    signed_by = set(signed("whsec_", HookCallId("x"), b"", at=NOON))
    for event, shape in EVENTS.items():
        operation = SPOKEN["webhooks"][event]["post"]
        body = {"application/json": {"schema": {"$ref": REF + shape.__name__}}}
        assert operation["requestBody"]["content"] == body
        assert operation["operationId"] == shape.__name__
        headers = {followed(one)["name"] for one in operation["parameters"]}
        assert headers | {"Content-Type"} == signed_by
        assert set(operation["responses"]) == {"2XX", "410", "default"}
        assert shape.__struct_config__.tag == event


def test_of_a_tip_nothing_more_is_told_than_promised() -> None:
    assert {field.name for field in msgspec.structs.fields(TipData)} == {
        "unit",
        "is_urgent",
        "hour",
    }


def test_scopes_are_those_of_the_code() -> None:
    used = {
        scope
        for operation, _ in OPERATIONS.values()
        for scope in operation["security"][0]["token"]
    }
    assert used == {scope.value for scope in Scope}
    assert SPOKEN["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_nothing_is_told_that_nobody_refers_to() -> None:
    text = OPENAPI.read_text(encoding="utf-8")
    unused = [
        f"{kind}/{name}"
        for kind in ("schemas", "responses", "parameters")
        for name in SPOKEN["components"][kind]
        if f"#/components/{kind}/{name}" not in text
    ]
    assert unused == []


async def test_strangers_may_read_the_description(rig: Rig) -> None:
    answer = await rig.get("/openapi.yaml")
    assert (answer.status, answer.kind) == (200, "application/yaml")
    assert yaml.safe_load(answer.text) == SPOKEN
    assert SPOKEN["openapi"] == "3.1.0"
    assert SPOKEN["servers"] == [{"url": API}]


async def test_real_answers_have_the_fields_that_are_told(rig: Rig) -> None:
    token = await rig.caller(*Scope)
    written = await rig.post("/announcements", token, json=DRAFT)
    assert sorted(written.json) == sorted(TOLD["AnnouncementShown"]["required"])
    assert REPLAYED in written.headers
    planned = await rig.get(f"/announcements/{written.json['id']}/plan", token)
    assert sorted(planned.json) == sorted(TOLD["Plan"]["required"])
