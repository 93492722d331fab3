"""The ready bodies and wordings others iterate over are whole, and each wording can be played."""

import json

import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_bodies import CONTENTS, NOTICES
from tests.channels.stubs.telegram_line import GROUP, USER, Line
from tests.channels.stubs.telegram_update_examples import UpdateExample, update_examples
from tests.channels.stubs.telegram_wordings import WORDINGS, About, Wording, wordings


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


def test_every_example_has_a_name_and_a_number_of_its_own() -> None:
    examples = update_examples()
    assert len({example.id for example in examples}) == len(examples)
    assert len({example.body["update_id"] for example in examples}) == len(examples)
    assert len(examples) > len(CONTENTS) * 4 + len(NOTICES) * 2


@pytest.mark.parametrize("example", update_examples(), ids=lambda example: example.id)
def test_an_example_is_one_kind_of_update_that_json_can_hold(example: UpdateExample) -> None:
    assert set(example.body) == {"update_id", example.kind}
    assert json.loads(json.dumps(example.body)) == example.body
    assert example.content is example.body[example.kind]


async def test_examples_can_be_handed_over(line: Line) -> None:
    await line.call("getUpdates", allowed_updates=["telepathy", "message"])
    wanted = [example for example in update_examples() if example.kind == "telepathy"]
    for example in wanted:
        line.stub.push(example.kind, example.content, lane="pushed")
    assert [set(update) for update in (await line.call("getUpdates")).list] == [
        {"update_id", "telepathy"}
    ]


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_people_can_send_every_content(line: Line, content: dict[str, object]) -> None:
    line.stub.user_sends(USER, content)
    message = (await line.call("getUpdates")).list[0]["message"]
    assert isinstance(message, dict)
    assert {name: message[name] for name in content} == content


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.id)
async def test_every_wording_can_be_played(line: Line, wording: Wording) -> None:
    line.stub.fail_next(FaultKind.REFUSED, **wording.as_fault())
    said = await line.send()
    assert (said.status, said.body["description"]) == (wording.code, wording.text)
    assert said.body.get("parameters") == wording.parameters
    assert line.stub.sent == []
    assert line.stub.broken_rules == []


def test_wordings_are_found_by_what_they_are_about() -> None:
    assert len({wording.id for wording in WORDINGS}) == len(WORDINGS)
    assert {wording.code for wording in wordings(About.PERSON)} == {400, 403}
    assert len(wordings()) == len(WORDINGS)


async def test_a_fault_for_one_chat_leaves_longer_ids_alone(line: Line) -> None:
    line.stub.fail_next(FaultKind.ERROR_500, to=str(GROUP))
    longer = int(f"{GROUP}7")
    line.stub.chats.seen(longer)
    assert (await line.call("sendMessage", chat_id=longer, text="a")).status == 200
    assert not line.stub.faults.is_empty
