"""The audit chain at the command line: checked, its key shown once, its head printed."""

import json
import sqlite3
from contextlib import closing

from tests.cli.conftest import Ended, Machine


def key_of(machine: Machine) -> str:
    [shown] = machine("audit", "key", "--json").document["keys"]
    return str(shown["key"])


def change(machine: Machine, statement: str) -> None:
    with closing(sqlite3.connect(machine.folder / "data" / "binhyen.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_changed_entry_of_the_chain_is_named(commune: Machine) -> None:
    whole = commune("audit", "verify", "--json").document
    assert (whole["is_whole"], whole["entries"], whole["broken_at"]) == (True, 3, None)
    assert (whole["macs_from"], whole["macs_checked"], whole["fault"]) == (1, 0, None)
    assert "whole: 3 entries" in commune("audit", "verify").out
    change(commune, "UPDATE audit SET act = 'nothing' WHERE number = 2")
    broken = commune("audit", "verify", "--json")
    assert (broken.status, broken.document["broken_at"]) == (1, 2)
    assert "entry 2" in commune("audit", "verify").err


def test_an_emptied_table_is_named_without_any_key(commune: Machine) -> None:
    change(commune, "DELETE FROM audit")
    ended = commune("audit", "verify", "--json")
    assert (ended.status, ended.document["broken_at"]) == (1, 1)
    assert ended.document["fault"] == "cut_off"


def test_the_key_is_shown_until_it_was_typed_back(commune: Machine) -> None:
    key = key_of(commune)
    assert key_of(commune) == key
    assert key in commune("audit", "key").out
    assert commune("audit", "key", "--kept", "-", stdin=b"").status == 1
    mistyped = commune("audit", "key", "--kept", "-", stdin=f"{key[:-1]}0".encode())
    assert (mistyped.status, "14" in mistyped.err) == (1, True)
    kept = commune("audit", "key", "--kept", commune.file("key.txt", f"# of the auditor\n{key}\n"))
    assert (kept.status, "entry 1" in kept.out) == (0, True)
    assert commune("audit", "key", "--json").document == {"keys": []}
    assert commune("audit", "key", "--kept", "-", stdin=key.encode()).status == 1
    checked = verified(commune, key)
    assert checked.status == 0
    assert checked.document["macs_checked"] == checked.document["entries"]


def verified(machine: Machine, key: str) -> Ended:
    return machine("audit", "verify", "--key", "-", "--json", stdin=key.encode())


def test_a_chain_made_anew_is_found_by_the_key(commune: Machine) -> None:
    key = key_of(commune)
    assert verified(commune, key).status == 0
    commune("audit", "key")
    change(commune, "UPDATE audit SET mac = (SELECT mac FROM audit WHERE number = 1)")
    changed = verified(commune, key).document
    assert (changed["fault"], changed["broken_at"]) == ("mac", 2)
    other = "000G5-40R48-0M30Q-E209P-185GZ-R38E9-1W81J-24GKJ-2GAHP-C5RR1-34D14-P70X2-3RFWP-PD11Z"
    foreign = verified(commune, other)
    assert (foreign.status, foreign.document["broken_at"]) == (1, None)
    assert foreign.document["fault"] == "key_nowhere"


def test_heads_posted_elsewhere_are_compared(commune: Machine) -> None:
    head = commune("audit", "head").out
    assert json.loads(head) == commune("audit", "head", "--json").document
    assert json.loads(head)["number"] == 3
    file = commune.file("heads.txt", head * 2)
    assert "2 heads" in commune("audit", "verify", "--head", file).out
    other = commune.file("other.txt", head.replace('"number": 3', '"number": 2'))
    ended = commune("audit", "verify", "--head", other, "--json")
    assert (ended.status, ended.document["fault"], ended.document["broken_at"]) == (1, "head", 2)
    wrong = commune("audit", "verify", "--head", commune.file("wrong.txt", f"{head}no head\n"))
    assert (wrong.status, "line 2" in wrong.err) == (1, True)
