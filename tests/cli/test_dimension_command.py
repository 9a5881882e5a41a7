"""scalinglaws dimension FILE."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars
import pytest
from safetensors.numpy import save_file

from scalinglaws import dimension

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(invoked) -> Callable[..., tuple[int, str, str]]:
    return partial(invoked, "dimension")


@pytest.fixture
def answer(run: Run) -> Callable[..., dict]:
    """The JSON of a command that succeeds and writes nothing to stderr."""

    def answer(*arguments: object) -> dict:
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return answer


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """The message of a command that is refused by the contract."""

    def refused(*arguments: object) -> str:
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert 1 <= len(err.splitlines()) <= 3
        return err

    return refused


def sphere(d: int, n: int, seed: int) -> np.ndarray:
    z = np.random.default_rng(seed).normal(size=(n, d + 1))
    return z / np.linalg.norm(z, axis=1, keepdims=True)


X = sphere(3, 400, 0)


def saved(folder: Path, points: np.ndarray, name: str = "points.npy") -> Path:
    path = folder / name
    np.save(path, points)
    return path


def estimates(answer: dict) -> list[dict]:
    assert answer["estimates"]
    return answer["estimates"]


def all_d(answer: dict) -> list[float]:
    return [estimate["d"] for estimate in estimates(answer)]


def as_json(found: dimension.Dimension) -> dict:
    keys = ("method", "k", "d", "stderr", "lo", "hi")
    return {key: getattr(found, key) for key in keys}


# The contract.


def test_json_has_the_contract_and_the_bits_of_the_python_api(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X))
    assert list(found) == [
        "schema_version", "n", "ambient", "duplicates", "estimates", "profile", "notes",
    ]  # fmt: skip
    assert (found["schema_version"], found["n"], found["ambient"]) == (1, 400, 4)
    assert (found["duplicates"], found["profile"]) == (0, [])
    by_python = [
        dimension.twonn(X),
        *(dimension.knn(X, k) for k in (2, 3, 4)),
        dimension.mle(X, 20),
    ]
    assert found["estimates"] == [as_json(d) for d in by_python]
    assert any("neighbours found by" in note for note in found["notes"])


def test_intervals_are_at_the_level_asked_for(answer, tmp_path: Path):
    path = saved(tmp_path, X)
    found = answer(path, "--level", 0.5, "--method", "twonn")
    assert estimates(found) == [as_json(dimension.twonn(X, level=0.5))]
    wide, narrow = (estimates(answer(path, "--level", level))[0] for level in (0.99, 0.5))
    assert wide["lo"] < narrow["lo"] < narrow["d"] == wide["d"] < narrow["hi"] < wide["hi"]


def test_the_reader_sees_every_estimate_and_what_the_interval_does_not_cover(run, tmp_path: Path):
    code, out, err = run(saved(tmp_path, np.vstack([X, X[:5]])))
    assert (code, err) == (0, "")
    assert "points.npy: 400 distinct points in 4 columns" in out
    for method in ("twonn", "knn", "mle"):
        assert method in out
    assert "not its bias" in out
    assert "note: 5 rows repeat an earlier row" in out


def test_methods_and_k_are_repeated_and_answered_in_their_order(answer, tmp_path: Path):
    found = answer(
        saved(tmp_path, X),
        *("--method", "mle-harmonic", "--method", "knn", "--method", "twonn"),
        *("--k", 9, "--k", 4),
    )
    assert estimates(found) == [
        as_json(dimension.mle_harmonic(X, 9)),
        as_json(dimension.mle_harmonic(X, 4)),
        as_json(dimension.knn(X, 9)),
        as_json(dimension.knn(X, 4)),
        as_json(dimension.twonn(X)),  # takes no k
    ]


def test_k_alone_serves_the_default_methods(answer, tmp_path: Path):
    found = [(e["method"], e["k"]) for e in estimates(answer(saved(tmp_path, X), "--k", 7))]
    assert found == [("twonn", 2), ("knn", 7), ("mle", 7)]


def test_what_is_asked_for_twice_is_answered_once(answer, tmp_path: Path):
    path = saved(tmp_path, X)
    twice = answer(path, "--method", "knn", "--method", "knn", "--k", 3, "--k", 3)
    assert twice == answer(path, "--method", "knn", "--k", 3)


def test_seed_and_quiet_are_accepted_and_change_nothing(run, tmp_path: Path):
    path = saved(tmp_path, X)
    assert run(path, "--json", "--seed", 3, "--quiet") == run(path, "--json")


def test_defaults_that_few_points_do_not_allow_are_left_out_with_a_note(answer, tmp_path: Path):
    few = answer(saved(tmp_path, X[:12]))
    assert [e["method"] for e in estimates(few)] == ["twonn", "knn", "knn", "knn"]
    assert any("mle k=20 is left out: 12 distinct points" in note for note in few["notes"])


def test_a_k_that_one_default_method_cannot_take_leaves_that_one_out(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X), "--k", 3)
    assert [(e["method"], e["k"]) for e in estimates(found)] == [("twonn", 2), ("knn", 3)]
    assert any("mle k=3 is left out" in note for note in found["notes"])


def test_what_is_asked_for_by_name_is_refused_rather_than_left_out(refused, tmp_path: Path):
    path = saved(tmp_path, X[:12])
    assert "21 distinct points, got 12" in refused(path, "--method", "mle")
    assert "k >= 4" in refused(path, "--method", "mle", "--k", 3)
    assert "neighbours" in refused(path, "--method", "knn", "--k", 12)
    assert f"{path}: 12 neighbours need at least 13" in refused(path, "--k", 12)


# Points as users have them.


def test_repeated_rows_are_counted_and_change_no_number(answer, tmp_path: Path):
    once = answer(saved(tmp_path, X))
    twice = answer(saved(tmp_path, np.vstack([X, X[3:40]]), "twice.npy"))
    assert (twice["n"], twice["duplicates"]) == (400, 37)
    assert estimates(twice) == estimates(once)
    assert "37 rows repeat an earlier row and were left out" in twice["notes"]


def test_rows_that_are_not_finite_are_refused_by_number(refused, tmp_path: Path):
    bad = X.copy()
    bad[[5, 77], 1] = np.nan
    bad[300, 0] = np.inf
    path = saved(tmp_path, bad)
    message = refused(path, "--json")
    assert str(path) in message
    assert "row 6, 78, 301 (rows counted from 1)" in message


def test_an_empty_cell_of_a_table_is_refused_by_row(refused, tmp_path: Path):
    lines = [",".join(map(repr, row)) for row in X[:30].tolist()]
    lines[7] = lines[7].partition(",")[0] + ",,1,2"
    path = tmp_path / "points.csv"
    path.write_text("a,b,c,d\n" + "\n".join(lines) + "\n")
    assert "row 8 (rows counted from 1)" in refused(path)


@pytest.mark.parametrize("scale", [1e-16, 1e150, 2.0**-500])
def test_d_does_not_depend_on_the_unit(answer, tmp_path: Path, scale: float):
    here = all_d(answer(saved(tmp_path, X)))
    there = all_d(answer(saved(tmp_path, X * scale, "scaled.npy")))
    # Scaling rounds coordinates at 1e-16 of their size, distances between neighbours are 1e-2.
    assert there == pytest.approx(here, rel=1e-9)


def test_an_offset_in_float32_costs_no_more_than_its_rounding(answer, tmp_path: Path):
    shifted = X.astype(np.float32) + np.float32(300)
    moved_back = shifted.astype(np.float64) - 300  # exact: the same points at the origin
    assert len(np.unique(shifted, axis=0)) == len(X)
    d = all_d(answer(saved(tmp_path, shifted)))
    assert d == pytest.approx(all_d(answer(saved(tmp_path, moved_back, "b.npy"))), rel=1e-12)
    # Rounding to 3e-5 is noise far below the distances: d moves less than its error.
    for found, clean in zip(d, estimates(answer(saved(tmp_path, X, "c.npy"))), strict=True):
        assert abs(found - clean["d"]) < clean["stderr"]


@pytest.mark.parametrize("dtype", ["float32", "float16", "int16", ">f8", "bool"])
def test_any_type_of_real_number_is_read_exactly(answer, tmp_path: Path, dtype: str):
    scale = 1000 if dtype == "int16" else 1
    points = (np.random.default_rng(1).normal(size=(300, 30)) * scale).astype(dtype)
    if dtype == "bool":
        points = np.random.default_rng(1).random((300, 30)) < 0.5
    found = answer(saved(tmp_path, points), "--method", "mle")
    assert estimates(found) == [as_json(dimension.mle(points.astype(float), 20))]


# Files.


def csv_with_header(path: Path, points: np.ndarray) -> None:
    polars.DataFrame(points, schema=["a", "b", "c", "d"]).write_csv(path)


def csv_without_header(path: Path, points: np.ndarray) -> None:
    path.write_text("".join(",".join(map(repr, row)) + "\n" for row in points.tolist()))


FORMATS: dict[str, Callable[[Path, np.ndarray], object]] = {
    "points.npy": np.save,
    "points.npz": lambda path, points: np.savez(path, layer=points),
    "small.npz": lambda path, points: np.savez_compressed(path, layer=points),
    "header.csv": csv_with_header,
    "bare.csv": csv_without_header,
    "points.parquet": lambda path, points: polars.DataFrame(points).write_parquet(path),
    "points.safetensors": lambda path, points: save_file({"layer": points}, path),
    "CAPITALS.NPY": lambda path, points: path.write_bytes(
        saved(path.parent, points, "source.npy").read_bytes()
    ),
    "fortran.npy": lambda path, points: np.save(path, np.asfortranarray(points)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_bits(answer, tmp_path: Path, name: str):
    FORMATS[name](tmp_path / name, X)
    found = answer(tmp_path / name, "--method", "twonn")
    assert (found["n"], found["ambient"]) == X.shape
    assert estimates(found) == [as_json(dimension.twonn(X))]


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_several_arrays_are_listed_and_layer_picks_one(answer, refused, tmp_path: Path, suffix):
    layers = {"block.0": X, "block.1": sphere(6, 300, 1), "bias": X[0].copy()}
    path = tmp_path / f"activations{suffix}"
    if suffix == ".npz":
        np.savez(path, **layers)
    else:
        save_file(layers, path)
    message = refused(path)
    assert "--layer" in message
    for shown in ("block.0", "400 x 4", "block.1", "300 x 7", "bias"):
        assert shown in message
    for name in ("block.0", "block.1"):
        found = answer(path, "--layer", name, "--method", "twonn")
        assert estimates(found) == [as_json(dimension.twonn(layers[name]))]
    assert "did you mean 'block.1'" in refused(path, "--layer", "blok.1")
    assert "(rows, columns)" in refused(path, "--layer", "bias")


def test_bfloat16_is_read_as_the_numbers_it_holds(answer, tmp_path: Path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_tensors

    half = torch.tensor(X).to(torch.bfloat16)
    save_tensors({"layer": half}, tmp_path / "half.safetensors")
    found = answer(tmp_path / "half.safetensors", "--method", "mle")
    as_double = half.double().numpy()
    assert estimates(found) == [as_json(dimension.mle(as_double, 20))]
    assert found["duplicates"] == len(as_double) - len(np.unique(as_double, axis=0))


MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.mark.parametrize("suffix", MAGIC)
def test_plot_is_written_in_the_format_of_its_name(run, tmp_path: Path, suffix: str):
    path = tmp_path / f"relation.{suffix}"
    code, out, err = run(saved(tmp_path, X), "--plot", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["n"] == 400
    content = path.read_bytes()
    assert content.startswith(MAGIC[suffix])
    assert len(content) > 1000
    if suffix == "svg":
        assert all(f"k = {k}".encode() in content for k in (2, 3, 4))


def test_a_plot_that_cannot_be_written_is_refused_and_leaves_nothing(refused, tmp_path: Path):
    path = saved(tmp_path, X)
    assert ".svg, .png or .pdf" in refused(path, "--plot", tmp_path / "relation.txt")
    assert "folder that exists" in refused(path, "--plot", tmp_path / "no" / "relation.svg")
    assert list(tmp_path.iterdir()) == [path]


# A data set whose pixels are whole numbers.


def test_digits_have_a_plausible_d_and_a_note_on_ties(answer, tmp_path: Path):
    from sklearn.datasets import load_digits

    pixels = load_digits().data
    found = answer(saved(tmp_path, pixels))
    nb = dimension.neighbors(pixels, 20)
    assert (found["n"], found["ambient"]) == (1797, 64)
    for estimate in estimates(found):
        assert 5 < estimate["lo"] < estimate["d"] < estimate["hi"] < 20
    noted = any("equally far" in note for note in found["notes"])
    assert noted == (nb.tied > 0.05)
    # Pixels cut to three levels tie far more often: there the note must stand.
    coarse = answer(saved(tmp_path, np.floor(pixels / 8), "coarse.npy"))
    share = dimension.neighbors(np.floor(pixels / 8), 20).tied
    assert share > 0.1
    assert any(f"{share:.0%} of the points are equally far" in note for note in coarse["notes"])
    assert any("reads low" in note for note in found["notes"]) == (max(all_d(found)) > 8)
