"""Lists of units and households, as spreadsheets really write them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.reply import Refused
from bot.cli.sheets import read_sheet
from bot.services.units import rosters
from tests.cli.conftest import Ended, Machine

HEAD = "unit,code,address,head_name\n"
UNIT_HEAD = "code,name,kind,parent,households\n"


def xlsx(*rows: Sequence[object]) -> bytes:
    """Return a workbook with these rows on its first page."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def places(ended: Ended) -> list[tuple[int, str]]:
    """Return where the faults stand."""
    return [(one["row"], one["column"]) for one in ended.document["faults"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCase:
    id: str
    content: str | bytes
    faults: tuple[tuple[int, str], ...] = ()
    imported: int = 0


HOUSEHOLDS = [
    ListCase(id="plain", content=HEAD + "T1,H01,Số 1,Bà A\nT1,H02,,\n", imported=2),
    ListCase(id="byte order mark", content="\ufeff" + HEAD + "T1,H01,Số 1,Bà A\n", imported=1),
    ListCase(id="semicolons", content=HEAD.replace(",", ";") + "T1;H01;a, b;c\n", imported=1),
    ListCase(id="tabs", content=HEAD.replace(",", "\t") + "T1\tH01\ta\tc\n", imported=1),
    ListCase(
        id="UTF-16 as Excel writes it",
        content=(HEAD.replace(",", "\t") + "T1\tH01\tSố 1\tBà\n").encode("utf-16"),
        imported=1,
    ),
    ListCase(
        id="Windows line ends", content=HEAD.replace("\n", "\r\n") + "T1,H01,a,b\r\n", imported=1
    ),
    ListCase(id="quoted line breaks", content=HEAD + 'T1,H01,"a\nb","c ""d"""\n', imported=1),
    ListCase(id="blank rows", content=HEAD + "\n,,,\nT1,H01,a,b\n\n", imported=1),
    ListCase(id="other order, capitals", content="Head name,CODE,unit\nBà A,H01,T1\n", imported=1),
    ListCase(
        id="trailing commas", content="unit,code,address,head_name,,\nT1,H01,a,b,,\n", imported=1
    ),
    ListCase(id="null characters", content=HEAD + "T1,H\x0001,a\x00,b\n", imported=1),
    ListCase(id="empty file", content="", faults=((1, "unit"),)),
    ListCase(id="only the columns", content=HEAD, faults=((1, "unit"),)),
    ListCase(id="missing column", content="unit,address\nT1,a\n", faults=((1, "code"),)),
    ListCase(id="unknown column", content="unit,code,adress\nT1,H1,a\n", faults=((1, "adress"),)),
    ListCase(id="column twice", content="unit,code,code\nT1,H1,H1\n", faults=((1, "code"),)),
    ListCase(id="no unit", content=HEAD + ",H01,a,b\n", faults=((2, "unit"),)),
    ListCase(id="unknown unit", content=HEAD + "T9,H01,a,b\n", faults=((2, "unit"),)),
    ListCase(id="doubled", content=HEAD + "T1,H01,a,b\nT1,H01,c,d\n", faults=((3, "code"),)),
    ListCase(id="space in a code", content=HEAD + "T1,H 01,a,b\n", faults=((2, "code"),)),
    ListCase(id="too long", content=HEAD + f"T1,H01,{'a' * 201},b\n", faults=((2, "address"),)),
    ListCase(id="formula", content=HEAD + "T1,H01,=A1,b\n", faults=((2, "address"),)),
    ListCase(id="too many cells", content=HEAD + "T1,H01,a,b,c\n", faults=((2, "5"),)),
    ListCase(id="open quotation mark", content=HEAD + 'T1,H01,"a,b\n', faults=((2, "unit"),)),
    ListCase(
        id="another encoding",
        content=HEAD.encode() + b"T1,H01,a,b\nT1,H02,S\xf4 1,b\n",
        faults=((3, "address"),),
    ),
    ListCase(
        id="every fault at once",
        content=HEAD + "T9,H01,a,b\nT1,,a,b\nT1,H03,a,b\n",
        faults=((2, "unit"), (3, "code")),
    ),
    ListCase(
        id="workbook",
        content=xlsx(
            HEAD.strip().split(","), ["T1", 7, "Số 1", "Bà A"], [], ["T1", 8.0, None, ""]
        ),
        imported=2,
    ),
    ListCase(
        id="workbook with formulas, errors, dates",
        content=xlsx(
            HEAD.strip().split(","),
            ["T1", "H01", "=1+1", "a"],
            ["T1", "H02", "#REF!", date(2026, 11, 22)],
            ["T1", "H03", True, "a"],
        ),
        faults=((2, "address"), (3, "address"), (3, "head_name"), (4, "address")),
    ),
]


@pytest.mark.parametrize("case", HOUSEHOLDS, ids=lambda case: case.id)
def test_a_list_of_households_is_taken_in_whole_or_not_at_all(
    commune: Machine, case: ListCase
) -> None:
    ended = commune("household", "import", commune.file("list", case.content), "--json")
    assert places(ended) == list(case.faults)
    assert ended.status == (1 if case.faults else 0)
    assert ended.document["imported"] == case.imported
    kept = commune("household", "list", "--unit", "T1", "--json").document["households"]
    assert len(kept) == case.imported


def test_bad_rows_are_skipped_if_that_is_asked_for(commune: Machine) -> None:
    file = commune.file("list.csv", HEAD + "T9,H01,a,b\nT1,H02,=x,b\nT1,H03,a,b\n")
    ended = commune("household", "import", file, "--skip-bad", "--json")
    assert ended.status == 0
    assert places(ended) == [(2, "unit"), (3, "address")]
    assert (ended.document["imported"], ended.document["skipped"]) == (1, 2)
    listed = commune("household", "list", "--unit", "T1").out
    assert "H03" in listed
    assert "H02" not in listed


def test_faults_are_said_in_words_with_row_and_column(commune: Machine) -> None:
    file = commune.file("list.csv", HEAD + "T9,H01,a,b\n")
    ended = commune("household", "import", file)
    assert ended.status == 1
    assert ended.err.splitlines() == [
        "row 2, column unit: No unit has the code T9.",
        "binhyen: Nothing was imported: 1 faulty rows in the file",
    ]


def test_a_household_that_is_known_keeps_its_code_to_join(commune: Machine) -> None:
    def joined_by(name: str) -> str:
        file = commune.file("list.csv", HEAD + f"T1,H01,a,{name}\n")
        assert commune("household", "import", file).status == 0
        [kept] = commune("household", "list", "--unit", "T1", "--json").document["households"]
        assert kept["head_name"] == name
        return str(kept["join_code"])

    assert joined_by("Bà A") == joined_by("Bà B")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 and nothing more", "not a readable .xlsx"),
        (xlsx(["unit", "code"])[:-200], "not a readable .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        (b"unit,code\n" + b"T1,H\n" * 100_001, "more than 100000 rows"),
    ],
    ids=["no archive", "cut archive", "old Excel", "too many rows"],
)
def test_what_is_no_list_is_refused_in_one_sentence(
    commune: Machine, content: bytes, says: str
) -> None:
    ended = commune("household", "import", commune.file("list", content))
    assert ended.status == 1
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1


# --- units -------------------------------------------------------------------------------------

UNITS = [
    ListCase(
        id="children before parents",
        content=UNIT_HEAD
        + "A2,Ấp,neighbourhood,A1,5\nA1,Thôn,neighbourhood,X2,9\nX2,Phường,commune,,\n",
        imported=3,
    ),
    ListCase(id="the one commune", content=UNIT_HEAD + "T2,Tổ 2,neighbourhood,,120\n", imported=1),
    ListCase(
        id="known unit renamed", content=UNIT_HEAD + "T1,Tổ Một,Neighbourhood,,\n", imported=1
    ),
    ListCase(
        id="workbook with numbers",
        content=xlsx(UNIT_HEAD.strip().split(","), [12, "Tổ 12", "neighbourhood", "X1", 120.0]),
        imported=1,
    ),
    ListCase(id="unknown kind", content=UNIT_HEAD + "T2,Tổ,hamlet,,\n", faults=((2, "kind"),)),
    ListCase(id="no kind", content=UNIT_HEAD + "T2,Tổ,,,\n", faults=((2, "kind"),)),
    ListCase(id="other kind", content=UNIT_HEAD + "T1,Tổ,commune,,\n", faults=((2, "kind"),)),
    ListCase(
        id="unknown parent",
        content=UNIT_HEAD + "T2,Tổ,neighbourhood,X9,\n",
        faults=((2, "parent"),),
    ),
    ListCase(
        id="which commune",
        content=UNIT_HEAD + "X2,Xã,commune,,\nT2,Tổ,neighbourhood,,\n",
        faults=((3, "parent"),),
    ),
    ListCase(
        id="a loop",
        content=UNIT_HEAD + "A,A,neighbourhood,B,\nB,B,neighbourhood,A,\n",
        faults=((2, "parent"), (3, "parent")),
    ),
    ListCase(
        id="numbers that are none",
        content=UNIT_HEAD
        + "T2,a,neighbourhood,,1.200\nT3,a,neighbourhood,,-1\nT4,a,neighbourhood,,1e3\n"
        + "T5,a,neighbourhood,,99999999999999999999\nT6,a,neighbourhood,,２\n",
        faults=tuple((row, "households") for row in range(2, 7)),
    ),
    ListCase(
        id="huge number in a workbook",
        content=xlsx(UNIT_HEAD.strip().split(","), ["T2", "a", "neighbourhood", "", 1e300]),
        faults=((2, "households"),),
    ),
]


@pytest.mark.parametrize("case", UNITS, ids=lambda case: case.id)
def test_a_list_of_units_is_taken_in_whole_or_not_at_all(commune: Machine, case: ListCase) -> None:
    before = commune("unit", "list", "--json").document["units"]
    ended = commune("unit", "import", commune.file("list", case.content), "--json")
    assert places(ended) == list(case.faults)
    assert ended.status == (1 if case.faults else 0)
    assert ended.document["imported"] == case.imported
    after = commune("unit", "list", "--json").document["units"]
    assert (after == before) == bool(case.faults)


def test_a_unit_that_would_stand_below_itself_is_refused(commune: Machine) -> None:
    under = ("unit", "add", "--kind", "neighbourhood", "--name", "Thôn", "--code")
    assert commune(*under, "A", "--parent", "T1").status == 0
    ended = commune(*under, "T1", "--parent", "A")
    assert (ended.status, "below itself" in ended.err) == (1, True)


def test_faults_of_one_unit_name_the_option(commune: Machine) -> None:
    ended = commune("unit", "add", "--code", "T 2", "--name", " ", "--kind", "neighbourhood")
    assert ended.status == 1
    assert "--code: A code has no spaces" in ended.err
    assert "--name: The cell is empty" in ended.err


async def test_the_first_commune_takes_the_place_of_the_unnamed_one(binhyen: Machine) -> None:
    async with binhyen.program() as program:
        await program.prepare()
    ended = await binhyen.typed(
        *("unit", "add", "--code", "X1", "--name", "Xã thử", "--kind", "commune", "--json")
    )
    assert ended.document["parent"] is None
    listed = await binhyen.typed("unit", "list", "--json")
    assert [unit["code"] for unit in listed.document["units"]] == ["X1"]
    again = await binhyen.typed(
        *("unit", "add", "--code", "X2", "--name", "B", "--kind", "commune")
    )
    assert again.status == 0
    listed = await binhyen.typed("unit", "list", "--json")
    assert [unit["code"] for unit in listed.document["units"]] == ["X1", "X2"]


LETTERS = st.text(alphabet='T1H0,;\t\n\r"=ấ\x00', max_size=60).map(str.encode)


@given(content=st.one_of(st.binary(max_size=200), LETTERS), with_head=st.booleans())
def test_whatever_stands_in_a_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, *, with_head: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "anything.csv"
    file.write_bytes((HEAD.encode() if with_head else b"") + content)
    columns = rosters.HOUSEHOLD_COLUMNS
    try:
        sheet = read_sheet(file, columns=columns, needed=rosters.NEEDED_HOUSEHOLD_COLUMNS)
    except Refused:
        return
    checked = rosters.check_households(sheet.rows, units=[])
    # Of units that are not known no row can be right.
    assert checked.rows == []
    assert sheet.faults or checked.faults or not sheet.rows
