"""Large files go another way than small ones: what comes out, and what is said, is the same."""

from pathlib import Path

import pytest

from scalinglaws.errors import BadInput
from scalinglaws.files.tables import text

GOOD = {
    "plain": "run,N,loss\na,1e6,3.5\nb,2,2.25\na,1e6,3.5\n",
    "spaces": " run , N,loss \n a , 1 , 2\nb,+3, .5 \n",
    "line ends": "run,N,loss\r\na,1,2\r\nb,3,4\r\n",
    "byte order mark and blank first lines": "\ufeff\n\nrun,N,loss\na,1,2\n",
    "blank lines": "run,N,loss\n\na,1,2\n\nb,3,4\n\n",
    "no last line end": "run,N,loss\na,1,2\nb,3,4",
    "not finite": "run,N,loss\na,1,nan\nb,inf,-Infinity\n",
    "quotes": 'run,N,loss\n"a,b",1,"2"\n',
    "an empty last cell": "run,N,loss,note\na,1,2,\nb,1,2,x\n",
    "long numbers": "run,N,loss\na,123456789012345678901,0.1234567890123456789\nb,1e-320,1e400\n",
}
BAD = {
    "text": "run,N,loss\na,1,2\nb,x,2\n",
    "underscore": "run,N,loss\na,1_0,2\n",
    "empty number": "run,N,loss\na,,2\n",
    "empty label": "run,N,loss\na,1,2\n ,1,2\n",
    "short row": "run,N,loss,note\na,1,2,x\nb,1,2\n",
    "long row": "run,N,loss\na,1,2,3\n",
    "control character": "run,N,loss\na\x1b[2J,1,2\n",
    "two of a name": "run,N,loss,N\na,1,2,3\n",
    "NUL": "run,N,loss\na,1,\x002\n",
    "open quote": 'run,N,loss\n"a,1,2\n',
}


@pytest.fixture(params=["small", "large"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "large":
        monkeypatch.setattr(text, "_LARGE", -1)
    return request.param


@pytest.mark.parametrize("name", GOOD)
def test_both_ways_read_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD[name].encode())
    slow = text.read_text(path, ["N", "loss"], ["run"])
    monkeypatch.setattr(text, "_LARGE", -1)
    fast = text.read_text(path, ["N", "loss"], ["run"])
    for column in ("N", "loss"):
        assert fast.columns[column].tobytes() == slow.columns[column].tobytes()
    assert fast.labels["run"].tolist() == slow.labels["run"].tolist()
    assert fast.repeated.tolist() == slow.repeated.tolist()


def test_a_plain_large_file_is_not_read_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "t.csv"
    path.write_text(GOOD["plain"])
    monkeypatch.setattr(text, "_LARGE", -1)
    monkeypatch.delattr(text, "_read_rows")
    assert text.read_text(path, ["N"], ["run"]).repeated.tolist() == [False, False, True]


REFUSED = {
    "text": "row 2, column 'N': 'x' is not a number",
    "underscore": "row 1, column 'N': '1_0' is not a number",
    "empty number": "row 1, column 'N': the cell is empty",
    "empty label": "row 2, column 'run': the cell is empty",
    "short row": "row 2: 3 cells under a header of 4",
    "long row": "row 1: 4 cells under a header of 3",
    "control character": r"row 1, column 'run': 'a\\x1b\[2J' holds control characters",
    "two of a name": "2 columns are called 'N'",
    "NUL": "row 1, column 'loss'",
    "open quote": "line",
}


@pytest.mark.parametrize("name", BAD)
def test_both_ways_refuse_with_the_row(name: str, way: str, tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_bytes(BAD[name].encode())
    with pytest.raises(BadInput, match=REFUSED[name]):
        text.read_text(path, ["N", "loss"], ["run"])
