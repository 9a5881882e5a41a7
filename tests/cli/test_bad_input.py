"""Whatever a user may get wrong ends in exit 2 and a short message: what, where, rule, mend."""

import io
import json
import pickle
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from scalinglaws.cli import main


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def npy_header(shape: str) -> bytes:
    """A .npy header that promises float64 of this shape; no data follow."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
    header = text.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def npz(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def safetensors(entry: dict[str, object], data: bytes = b"") -> bytes:
    header = json.dumps({"layer": entry}).encode()
    return len(header).to_bytes(8, "little") + header + data


GOOD = np.random.default_rng(0).normal(size=(60, 3))
LINES = [f"{N},{5 * N**-0.3:.6f}\n" for N in (10, 30, 100, 300, 1000, 3000)]
TABLE = "N,loss\n" + "".join(LINES)

FILES: dict[str, bytes | str] = {
    "good.csv": TABLE,
    "empty.csv": "",
    "header.csv": "N,loss\n",
    "words.csv": "N,loss\n10,one\n20,two\n30,three\n",
    "nan.csv": TABLE + "9000,nan\n",
    "inf.csv": TABLE + "9000,inf\n",
    "blank.csv": TABLE + "9000,\n",
    "one_row.csv": "N,loss\n10,2.5\n",
    "one_size.csv": "N,loss\n10,2.5\n10,2.6\n10,2.7\n10,2.8\n",
    "negative.csv": TABLE + "9000,-1\n",
    "zero_size.csv": TABLE + "0,1\n",
    "flat.csv": "N,loss\n10,2.5\n20,2.5\n30,2.5\n",
    "thousands.csv": TABLE + '"9,000",1\n',
    "semicolons.csv": TABLE.replace(",", ";"),
    "tabs.csv": TABLE.replace(",", "\t"),
    "bom.csv": b"\xef\xbb\xbf",
    "newlines.csv": "\n\n\n",
    "ragged.csv": TABLE + "9000,1,2,3\n",
    "twice.csv": "N,N,loss\n1,2,3\n2,3,4\n",
    "garbage.csv": bytes(range(256)) * 20,
    "good.txt": TABLE,
    "good.npy": npy(GOOD),
    "empty.npy": b"",
    "pickled.npy": npy(np.array([{"a": 1}, None], dtype=object)),
    "bare_pickle.npy": pickle.dumps(GOOD),
    "cut.npy": npy(GOOD)[:-500],
    "flat.npy": npy(GOOD[:, 0]),
    "cube.npy": npy(GOOD.reshape(15, 4, 3)),
    "equal.npy": npy(np.ones((50, 3))),
    "nan.npy": npy(np.where(np.arange(180).reshape(60, 3) == 7, np.nan, GOOD)),
    "inf.npy": npy(np.where(np.arange(180).reshape(60, 3) == 7, np.inf, GOOD)),
    "words.npy": npy(np.array([["a", "b"], ["c", "d"]])),
    "complex.npy": npy(GOOD * 1j),
    "no_rows.npy": npy(np.empty((0, 3))),
    "one_row.npy": npy(GOOD[:1]),
    "huge.npy": npy_header("(1000000000000, 8)"),
    "huge.npz": npz({"layer.npy": npy_header("(1000000000000, 8)")}),
    "negative.npy": npy_header("(-5, 3)"),
    "two.npz": npz({"a.npy": npy(GOOD), "b.npy": npy(GOOD)}),
    "none.npz": npz({"readme.txt": b"no array here"}),
    "broken.npz": b"PK\x03\x04 this is no archive",
    "lying.safetensors": safetensors(
        {"dtype": "F32", "shape": [10**6, 64], "data_offsets": [0, 256 * 10**6]}, bytes(64)
    ),
    "long_header.safetensors": (2**62).to_bytes(8, "little") + b"{}",
    "garbage.safetensors": bytes(range(256)),
    "garbage.parquet": bytes(range(256)) * 4,
    "foreign.sqlite/store.sqlite": b"not a database at all" * 50,
    "a_file": "a file, not a folder",
}

# (what is typed, in a folder with the files above; what the message must hold)
BAD = [
    # names
    ("lst", "did you mean 'list'"),
    ("runn teacher-student", "did you mean 'run'"),
    ("run techer-student", "did you mean 'teacher-student'"),
    ("report percolation", "did you mean 'percolation-quanta'"),
    ("run teacher-student --budget quik", "did you mean 'quick'"),
    ("run random-features --budget smoke --set drawz=2", "unknown setting 'drawz'"),
    ("run random-features --bugdet smoke", "--budget"),
    ("run random-features --executor slurm", "known: dask, local"),
    ("data fashion-mnst", "did you mean 'fashion-mnist'"),
    ("dimension good.npy --method twon", "did you mean 'twonn'"),
    ("dimension good.npy --method two-nn-line", "did you mean 'twonn-line'"),
    ("dimension good.npy --method grid", "did you mean 'gride'"),
    ("dimension good.npy --method corrdim", "did you mean 'corrint'"),
    ("dimension good.npy --correct spheer", "did you mean 'sphere'"),
    ("dimension good.npy --correct good.npy", "unknown reference family 'good.npy'"),
    ("dimension two.npz", "--layer"),
    ("dimension two.npz --layer c", "two.npz: unknown layer 'c'"),
    ("dimension good.npy --layer a", "--layer"),
    ("fit good.csv --x N --y los", "good.csv: unknown column 'los': did you mean 'loss'"),
    ("fit good.csv --x N --law powr", "did you mean 'power'"),
    ("fit good.csv --x N --objective hubr", "did you mean 'huber'"),
    # arguments
    ("", "Missing command"),
    ("run", "Missing argument 'NAME'"),
    ("list extra", "unexpected extra argument"),
    ("run random-features --set draws", "FIELD=VALUE"),
    ("run random-features --set =3", "FIELD=VALUE"),
    ("run random-features --budget smoke --set draws=three", "draws"),
    ("run random-features --set draws=1 --set draws=2", "given twice"),
    ("run random-features --workers 0", "x>=1"),
    ("run random-features --workers two", "not a valid integer"),
    ("run random-features --seed -1", "range"),
    ("run random-features --scheduler tcp://x:1", "executor 'dask'"),
    ("run random-features --executor dask", "needs the address of its scheduler"),
    ("run random-features --executor dask --scheduler tcp://u:p@h:1", "tcp://HOST:PORT"),
    ("run random-features --data nowhere", "not a folder"),
    ("dimension good.npy --k 0", "k"),
    ("dimension good.npy --k -2", "k"),
    ("dimension good.npy --method twonn --k 9", "leave it out"),
    ("dimension good.npy --method knn --k 60", "at least 61 distinct points"),
    ("dimension good.npy --k 1000", "good.npy: 1000 neighbours need at least 1001"),
    ("dimension good.npy --method mle --k 3", "good.npy: mle (eq. B.13) needs k >= 4"),
    ("dimension good.npy --method mle --method pr --k 1", "needs k >= 4"),
    ("dimension good.npy --method pr --method pca --k 3", "pr, pca takes none: leave it out"),
    ("dimension good.npy --method gride --k 30", "60 neighbours need at least 61 distinct points"),
    ("dimension good.npy --method gride --k 0", "x>=1"),
    (
        "dimension good.npy --method corrint --k 1",
        "corrint compares neighbours k/2 and k: --k >= 2",
    ),
    ("dimension good.npy --queries 0", "x>=10"),
    ("dimension good.npy --queries many", "not a valid integer"),
    ("dimension good.npy --level 1", "0<x<1"),
    ("dimension good.npy --plot figure.xyz", ".svg"),
    ("fit good.csv", "--x"),
    ("fit good.csv --x N --at 1e9", "N=1e9,D=2e10"),
    ("fit good.csv --x N --at N=-5", "N"),
    ("fit good.csv --x N --at N=nan", "N"),
    ("fit good.csv --x N --level 1.5", "range"),
    ("fit good.csv --x N --derive 'D=open(1)'", "open"),
    ("fit good.csv --x N --derive D=1/0", "D"),
    ("fit good.csv --x D --derive D=D+1", "--derive D=D+1: uses itself"),
    ("fit good.csv --x D --derive D=E+N --derive E=D+N", "'E', which is derived later"),
    ("fit good.csv --x D --derive D=E*N --derive E=2*N", "'E', which is derived later"),
    ("fit good.csv --x N --derive D=M*2", "good.csv: unknown column 'M'"),
    ("fit good.csv --x N --map X=Nope", "good.csv: unknown column 'Nope'"),
    ("fit good.csv --x D --map D=N --derive D=2*N", "define 'D' twice"),
    ("fit good.csv --x N --y N", "the same column"),
    ("fit good.csv --x N --y M --map M=N", "the same column"),
    ("fit good.csv --x N --drop-top 6", "drop"),
    ("fit good.csv --x N --law kaplan", "kaplan is a law of 2 variables"),
    ("fit good.csv --x N --target-loss -1", "-1"),
    ("fit good.csv --x N --plot figure.xyz", ".svg"),
    # tables
    ("fit missing.csv --x N", "missing.csv"),
    ("fit . --x N", "directory"),
    ("fit empty.csv --x N", "empty"),
    ("fit header.csv --x N", "header.csv"),
    ("fit words.csv --x N", "loss"),
    ("fit nan.csv --x N", "row"),
    ("fit inf.csv --x N", "row"),
    ("fit blank.csv --x N", "row"),
    ("fit thousands.csv --x N", "row 7, column 'N': '9,000' is not a number: write"),
    ("fit semicolons.csv --x N", "semicolons.csv: no column 'N': the header is one cell, 'N;loss'"),
    ("fit tabs.csv --x N", "separate the cells by commas in .csv, by tabs in .tsv"),
    ("fit bom.csv --x N", "bom.csv: the file has no header"),
    ("fit newlines.csv --x N", "newlines.csv: the file has no header"),
    ("fit flat.csv --x N", "flat.csv: the loss is the same in every row"),
    ("fit one_row.csv --x N", "one_row.csv: power/power+constant needs at least 2 distinct"),
    ("fit one_size.csv --x N", "distinct"),
    ("fit negative.csv --x N", "negative.csv: column 'loss' must be positive"),
    ("fit zero_size.csv --x N", "row 7 is 0 (rows counted from 1): mend"),
    ("fit ragged.csv --x N", "ragged.csv"),
    ("fit twice.csv --x N", "N"),
    ("fit garbage.csv --x N", "garbage.csv"),
    ("fit garbage.parquet --x N", "garbage.parquet"),
    ("fit good.txt --x N", ".csv"),
    # points
    ("dimension missing.npy", "no such file"),
    ("dimension .", "directory"),
    ("dimension empty.npy", "empty"),
    ("dimension pickled.npy", "real numbers"),
    ("dimension bare_pickle.npy", "bare_pickle.npy"),
    ("dimension cut.npy", "cut short"),
    ("dimension flat.npy", "(rows, columns)"),
    ("dimension cube.npy", "(rows, columns)"),
    ("dimension equal.npy", "all 50 points are equal"),
    ("dimension nan.npy", "nan.npy: NaN or infinity in row 3 (rows counted from 1): mend"),
    ("dimension inf.npy", "inf.npy: NaN or infinity in row 3 (rows counted from 1): mend"),
    ("dimension blank.csv", "blank.csv: NaN or infinity in row 7 (rows counted from 1): mend"),
    ("dimension bom.csv", "bom.csv"),
    ("dimension newlines.csv", "newlines.csv"),
    ("dimension words.npy", "numbers"),
    ("dimension complex.npy", "real numbers"),
    ("dimension no_rows.npy", "no_rows.npy"),
    ("dimension one_row.npy", "one point"),
    ("dimension one_row.npy --method pr", "one_row.npy: linear dimensions need three distinct"),
    ("dimension nan.npy --method pca", "nan.npy: NaN or infinity in row 3"),
    ("dimension huge.npy", "huge.npy"),
    ("dimension huge.npz", "huge.npz"),
    ("dimension negative.npy", "negative.npy"),
    ("dimension none.npz", "no arrays"),
    ("dimension broken.npz", "broken.npz"),
    ("dimension lying.safetensors", "cut short"),
    ("dimension long_header.safetensors", "long_header.safetensors"),
    ("dimension garbage.safetensors", "garbage.safetensors"),
    ("dimension garbage.parquet", "garbage.parquet"),
    ("dimension words.csv", "numbers"),
    ("dimension good.txt", ".npy"),
    # stores and ledgers
    ("run random-features --budget smoke --store a_file", "a_file"),
    ("run random-features --budget smoke --store a_file/below", "a_file"),
    ("run random-features --budget smoke --store foreign.sqlite", "foreign.sqlite"),
    ("report random-features --store nothing_here", "nothing_here"),
    ("report random-features --from nothing_here", "nothing_here"),
    ("reproduce --from nothing_here", "nothing_here"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bad_input")
    for name, content in FILES.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def require_refusal(code: int, stdout: str, stderr: str, phrase: str) -> None:
    assert (code, stdout) == (2, ""), stderr
    assert 1 <= len(stderr.splitlines()) <= 3
    assert phrase in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(("typed", "phrase"), BAD, ids=[typed or "nothing" for typed, _ in BAD])
def test_bad_input_is_refused_in_three_lines(
    typed: str, phrase: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, shlex.split(typed), prog_name="scalinglaws")
    require_refusal(done.exit_code, done.stdout, done.stderr, phrase)


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        (["lst"], "did you mean 'list'"),
        (["dimension", "huge.npz"], "huge.npz"),
        (["fit", "missing\x1b[31m\n.csv", "--x", "N"], "no such file"),
        (["run", "x" * 10_000], "unknown experiment"),
    ],
    ids=["unknown command", "terabytes", "control characters", "flood"],
)
def test_the_installed_command_refuses_alike(typed: list[str], phrase: str, folder: Path):
    done = subprocess.run(
        [sys.executable, "-m", "scalinglaws", *typed],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    require_refusal(done.returncode, done.stdout, done.stderr, phrase)
    assert "\x1b" not in done.stderr
    assert len(done.stderr) < 2000
