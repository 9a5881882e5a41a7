"""scalinglaws dimension FILE."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars
import pytest
from safetensors.numpy import save_file
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from scalinglaws import dimension
from scalinglaws.cli.dimension import measure as measuring
from scalinglaws.cli.dimension.measure import PROFILE
from scalinglaws.cli.dimension.methods import requests
from scalinglaws.cli.dimension.remarks import COVERED, FEW
from scalinglaws.dimension.methods.table import METHODS
from scalinglaws.errors import BadInput

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
    keys = ("method", "k", "d", "stderr", "lo", "hi", "scale")
    return {key: getattr(found, key) for key in keys} | {"k": found.k or None}


def named(*methods: str) -> list[str]:
    return [word for method in methods for word in ("--method", method)]


# The contract.


CONTRACT = ("schema_version", "n", "ambient", "duplicates", "estimates", "profile", "notes")
EVERY = {
    "twonn": dimension.twonn,
    "twonn-line": dimension.twonn_line,
    "knn": partial(dimension.knn, k=3),
    "mle": dimension.mle,
    "mle-harmonic": dimension.mle_harmonic,
    "gride": partial(dimension.gride, n1=10),
    "corrint": partial(dimension.corrint, k1=10, k2=20),
    "pr": dimension.participation_ratio,
    "pca": dimension.pca_count,
}


def test_json_has_the_contract_and_the_bits_of_the_python_api(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X))
    assert [key for key in found if key in CONTRACT] == list(CONTRACT)
    assert (found["schema_version"], found["n"], found["ambient"]) == (1, 400, 4)
    assert (found["duplicates"], found["queries"], found["corrections"]) == (0, 400, [])
    by_python = [
        dimension.twonn(X),
        *(dimension.knn(X, k) for k in (2, 3, 4)),
        dimension.mle(X, 20),
    ]
    assert found["estimates"] == [as_json(d) for d in by_python]
    assert any("neighbours found by" in note for note in found["notes"])


@pytest.mark.parametrize("method", EVERY)
def test_every_method_of_the_contract_is_the_function_of_its_name(answer, tmp_path: Path, method):
    k = ("--k", 3) if method == "knn" else ()
    found = answer(saved(tmp_path, X), "--method", method, *k)
    assert estimates(found) == [as_json(EVERY[method](X))]


def test_the_table_of_methods_is_the_contract():
    assert list(METHODS) == list(EVERY)


def test_the_profile_is_d_against_radius_with_its_plateau_and_sentence(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X))
    expected = dimension.against_radius(X, PROFILE)
    assert [p["k"] for p in found["profile"]] == [1, 2, 4, 8, 16]
    for shown, point in zip(found["profile"], expected.points, strict=True):
        assert shown == {key: getattr(point, key) for key in shown}
        assert {"n", "radius", "d", "lo", "hi"} <= set(shown)
    assert expected.plateau is not None
    assert found["plateau"]["d"] == expected.plateau.d.value
    assert tuple(found["plateau"]["radius"]) == expected.plateau.radius
    assert found["summary"] == expected.sentence


def test_neighbours_that_an_estimate_needs_extend_the_profile(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X), "--method", "gride", "--k", 40)
    assert [p["k"] for p in found["profile"]] == [1, 2, 4, 8, 16, 32]  # 2 n1 <= 80


def test_linear_dimensions_alone_search_no_neighbours(answer, tmp_path: Path):
    found = answer(saved(tmp_path, np.vstack([X, X[:7]])), *named("pr", "pca"))
    assert [(e["method"], e["k"]) for e in estimates(found)] == [("pr", None), ("pca", None)]
    assert (found["n"], found["duplicates"], found["ambient"]) == (400, 7, 4)
    assert (found["profile"], found["plateau"], found["queries"]) == ([], None, None)
    assert not any("neighbours found" in note for note in found["notes"])


def test_gride_at_the_nearest_neighbours_is_twonn(answer, tmp_path: Path):
    gride, twonn = all_d(answer(saved(tmp_path, X), *named("gride", "twonn"), "--k", 1))
    assert gride == pytest.approx(twonn, rel=1e-12)


def test_queries_are_drawn_by_seed_and_sought_among_all_points(answer, tmp_path: Path):
    path = saved(tmp_path, X)
    found = answer(path, "--queries", 150, "--seed", 3, *named(*EVERY))
    nb = dimension.neighbors(X, PROFILE, queries=150, seed=3)
    assert (found["n"], found["queries"]) == (400, 150)
    assert estimates(found)[0] == as_json(dimension.twonn(nb))
    by_method = {e["method"]: e for e in estimates(found)}
    assert by_method["corrint"] == as_json(dimension.corrint(X, nb=nb))
    assert by_method["pr"] == as_json(dimension.participation_ratio(X))  # of all points
    assert [p["d"] for p in found["profile"]] == [p.d for p in dimension.against_radius(nb).points]
    assert any("150 points drawn at random, sought among all 400" in n for n in found["notes"])
    other = answer(path, "--queries", 150, "--seed", 4)
    assert all_d(other)[0] != all_d(found)[0]


once = partial(measuring.measure, queries=None, seed=0, level=0.95, reference=None, search=True)


@pytest.mark.parametrize("method", ["mle", "corrint", "pr", "pca"])
def test_points_left_on_disk_read_as_those_in_memory(tmp_path: Path, method: str):
    on_disk = np.load(saved(tmp_path, X), mmap_mode="r")
    assert once(on_disk, requests([method], ())).estimates == (EVERY[method](X),)


@pytest.mark.parametrize("method", ["pr", "pca"])
def test_a_method_that_holds_wide_points_refuses_those_left_on_disk(tmp_path: Path, method: str):
    on_disk = np.load(saved(tmp_path, X[:100].repeat(40, axis=1)), mmap_mode="r")
    with pytest.raises(BadInput, match=f"{method} holds all points in memory where they have more"):
        once(on_disk, requests([method], ()))


def test_as_many_queries_as_points_are_all_points(answer, tmp_path: Path):
    path = saved(tmp_path, X)
    assert answer(path, "--queries", 400) == answer(path)


def test_a_correction_stands_beside_the_raw_d(answer, run, tmp_path: Path):
    path = saved(tmp_path, X)
    plain, found = answer(path), answer(path, "--correct", "sphere", "--seed", 5)
    assert estimates(found) == estimates(plain)
    for shown, raw in zip(found["corrections"], estimates(found), strict=True):
        assert (shown["method"], shown["k"], shown["reference"]) == (
            raw["method"],
            raw["k"],
            "sphere",
        )
    expected = dimension.corrected(dimension.mle(X, 20), seed=5)
    last = found["corrections"][-1]
    assert (last["d"], last["lo"], last["hi"]) == (expected.d, expected.lo, expected.hi)
    assert any("not to be trusted" in note for note in found["notes"])
    _, out, _ = run(path, "--correct", "sphere")
    assert "corrected by sphere" in out
    assert "not to be trusted" in out


def test_a_family_with_boundaries_corrects_for_more_than_the_sphere(answer, tmp_path: Path):
    path = saved(tmp_path, X[:200])
    (raw,) = all_d(answer(path, *named("mle")))
    (cube,) = answer(path, "--correct", "cube", *named("mle"))["corrections"]
    (smooth,) = answer(path, "--correct", "sphere", *named("mle"))["corrections"]
    assert cube["reference"] == "cube"
    assert raw < smooth["d"] < cube["d"]


def test_what_cannot_be_corrected_says_so(answer, run, tmp_path: Path):
    path = saved(tmp_path, X)
    found = answer(path, "--correct", "sphere", *named("twonn", "pr"))
    assert [c["method"] for c in found["corrections"]] == ["twonn"]
    assert "pr has no correction" in found["notes"]
    _, out, _ = run(path, "--correct", "sphere", *named("twonn", "pr"))
    assert "note: pr has no correction" in out


@pytest.mark.parametrize("methods", [["pr"], ["corrint", "pca"]])
def test_a_correction_of_nothing_is_refused(refused, methods: list[str]):
    message = refused("no such file", "--correct", "sphere", *named(*methods))
    assert f"{', '.join(methods)} has no correction: leave it out" in message


def test_few_points_of_many_columns_end_at_any_family(answer, tmp_path: Path):
    path = saved(tmp_path, np.random.default_rng(0).normal(size=(130, 20_000)))
    found = answer(path, "--correct", "torus", *named("twonn", "mle"))
    assert "too few points for so large a d" in found["summary"]
    costly = [note for note in found["notes"] if "is not corrected: too costly" in note]
    assert len(costly) == 2


def test_an_end_that_is_open_is_null(answer, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def open_ended(raw: dimension.Dimension, reference: str, *, seed: int) -> dimension.Corrected:
        return dimension.Corrected(5.0, 1.0, 3.0, np.inf, reference, raw)

    monkeypatch.setattr(measuring, "corrected", open_ended)
    path = saved(tmp_path, X)
    (shown,) = answer(path, "--correct", "sphere", *named("twonn"))["corrections"]
    assert (shown["lo"], shown["hi"]) == (3.0, None)
    _, out, _ = run(path, "--correct", "sphere", *named("twonn"))
    assert "5.0 [3.0, ∞)" in out


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


def test_few_points_are_told_how_few_of_their_intervals_cover(answer, tmp_path: Path):
    def told(path: Path, *arguments: object) -> list[str]:
        return [n for n in answer(path, *arguments)["notes"] if n.startswith("intervals from")]

    (note,) = told(saved(tmp_path, X[:12]))
    assert note.startswith("intervals from 12 points are too narrow: on flat tori of 10 points")
    assert f"{COVERED[10]} % of those at 95 % covered" in note
    assert f"{COVERED[5]} %" in told(saved(tmp_path, X[:3]))[0]
    assert f"{COVERED[70]} %" in told(saved(tmp_path, X[: FEW - 1]))[0]
    assert told(saved(tmp_path, X[:FEW])) == []
    assert "from 30 points" in told(saved(tmp_path, X), "--queries", 30)[0]
    assert told(saved(tmp_path, X[:12]), *named("pr")) == []


@pytest.mark.parametrize("n", [10, 30])
def test_intervals_of_few_points_cover_as_seldom_as_told(n: int):
    """On flat tori, which have neither curvature nor boundary; twonn covers least of all."""
    rng, tori = np.random.default_rng(n), 600
    found = [dimension.twonn(on_flat_torus(rng.random((n, 2)))) for _ in range(tori)]
    mean = np.mean([one.d for one in found])
    share = np.mean([one.lo < mean < one.hi for one in found])
    told = COVERED[n] / 100
    error = np.sqrt(told * (1 - told) / tori)
    assert told - 4 * error < share < told + 0.02 + 4 * error  # the least of six, and a usual one
    assert share < 0.95 - 3 * error


def on_flat_torus(x: np.ndarray) -> dimension.Neighbors:
    n, D = x.shape
    r, index = cKDTree(x, boxsize=1).query(x, 3)
    every = np.arange(n)
    return dimension.Neighbors(r[:, 1:], index[:, 1:], every, every, n, D, 0, "periodic")


def test_defaults_that_few_points_do_not_allow_are_left_out_with_a_note(answer, tmp_path: Path):
    few = answer(saved(tmp_path, X[:12]))
    assert [e["method"] for e in estimates(few)] == ["twonn", "knn", "knn", "knn"]
    why = "mle k=20 is left out: 20 neighbours need at least 21 distinct points, got 12"
    assert any(why in note for note in few["notes"])


def test_defaults_that_are_left_out_for_one_reason_share_one_note(answer, tmp_path: Path):
    notes = answer(saved(tmp_path, X[:3]))["notes"]
    no_line, one = [note for note in notes if "left out" in note]
    assert no_line.startswith("knn k=2 is left out: knn k=2 has no slope to fit")
    assert one == (
        "knn k=3, knn k=4, mle k=20 are left out: 3 neighbours need at least 4 distinct points, "
        "got 3: use more points or smaller k"
    )


def test_tied_rows_are_counted_as_the_files_are(refused, tmp_path: Path):
    """A point amid a cross: its four neighbours are equally far."""
    cross = 1000 + np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1.0]])
    path = saved(tmp_path, np.vstack([X[:50, :2], cross]))
    message = refused(path, *named("mle"), "--k", 4)
    assert "equally far (a lattice?) in row 51 (rows counted from 1)" in message
    assert "counting from 0" not in message


def test_only_estimates_from_neighbours_are_explained_by_them(run, tmp_path: Path):
    path = saved(tmp_path, X)
    for plot in ((), ("--plot", tmp_path / "a.svg")):
        _, out, _ = run(path, *named("pr", "pca"), *plot)
        assert "not its bias" not in out
    _, out, _ = run(path, *named("pr", "twonn"))
    assert "not its bias" in out


def test_a_k_that_one_default_method_cannot_take_leaves_that_one_out(answer, tmp_path: Path):
    found = answer(saved(tmp_path, X), "--k", 3)
    assert [(e["method"], e["k"]) for e in estimates(found)] == [("twonn", 2), ("knn", 3)]
    assert any("mle k=3 is left out" in note for note in found["notes"])


def test_what_is_asked_for_by_name_is_refused_rather_than_left_out(refused, tmp_path: Path):
    path = saved(tmp_path, X[:12])
    assert "21 distinct points, got 12" in refused(path, "--method", "mle")
    assert "k >= 4" in refused(path, "--method", "mle", "--k", 3)
    assert "12 neighbours need at least 13" in refused(path, "--method", "knn", "--k", 12)
    assert "needs k >= 2, got k = 1" in refused(path, "--method", "knn", "--k", 1)
    assert "18 neighbours need at least 19" in refused(path, "--method", "gride", "--k", 9)
    corrint = refused("no such file", "--method", "corrint", "--k", 1)
    assert "corrint compares neighbours k/2 and k: --k >= 2" in corrint
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


CENTRE = np.array([2.0, -1.0, 0.5, 3.0])
HOSTILE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a tenth repeated": lambda x: np.vstack([x, x[:40]]),
    "constant columns": lambda x: np.insert(x, [0, 2, 4], [7.0, 0.0, -1e3], axis=1),
    "moved": lambda x: x + CENTRE,
    "scale 1e-150": lambda x: x * 1e-150,
    "scale 1e-16": lambda x: x * 1e-16,
    "scale 1e150": lambda x: x * 1e150,
    "a scale that is no power of two, by columns of other order": lambda x: 3.7 * x[:, ::-1],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_method_is_moved_by_what_does_not_move_d(answer, tmp_path: Path, what: str):
    here = answer(saved(tmp_path, X), *named(*EVERY))
    there = answer(saved(tmp_path, HOSTILE[what](X), "hostile.npy"), *named(*EVERY))
    # Coordinates are rounded at 1e-16 of their size, distances between neighbours are 1e-2.
    assert all_d(there) == pytest.approx(all_d(here), rel=1e-9)
    errors, moved = ([e["stderr"] for e in estimates(one)] for one in (here, there))
    assert moved == pytest.approx(errors, rel=1e-6)
    assert there["plateau"]["d"] == pytest.approx(here["plateau"]["d"], rel=1e-6)


def test_distances_below_the_normal_numbers_are_refused(refused, tmp_path: Path):
    path = saved(tmp_path, X * 1e-307)  # neighbours at 1e-309: subnormal
    assert f"{path}: some distances between distinct points leave the range" in refused(path)


def test_points_too_near_for_their_largest_coordinate_are_refused(refused, tmp_path: Path):
    points = np.zeros((60, 2))
    points[:, 0] = 1e-200 * np.arange(60)
    points[-1] = 1.0
    path = saved(tmp_path, points)
    assert f"{path}: some distinct points differ by less than 1e-150" in refused(path)


def by_all_pairs(points: np.ndarray) -> float:
    """TwoNN of every pair's float64 differences."""
    r = np.sort(cdist(points.astype(float), points.astype(float)), axis=1)
    return (len(points) - 1) / np.log(r[:, 2] / r[:, 1]).sum()


def test_near_repeats_that_float32_arithmetic_takes_for_one_point_stay_two(answer, tmp_path: Path):
    """Squared, their distance underflows float32, or drowns in |x|^2 + |y|^2 - 2xy."""
    X32 = X.astype(np.float32)
    underflow = np.vstack([X32, np.zeros((2, 4), np.float32)])
    underflow[-1, 0] = 1e-25
    ahead = X32 + np.float32(300)
    ahead = np.vstack([ahead, np.nextafter(ahead[:20], np.float32(np.inf))])
    for name, points in {"underflow.npy": underflow, "ahead.npy": ahead}.items():
        found = answer(saved(tmp_path, points, name), "--method", "twonn")
        assert (found["n"], found["duplicates"]) == (len(points), 0)
        assert all_d(found) == [pytest.approx(by_all_pairs(points), rel=1e-9)]
    gap = underflow[-1] - underflow[-2]
    assert (gap * gap).sum() == 0  # what float32 makes of it


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


def test_plot_draws_fit_profile_and_local_d(run, tmp_path: Path):
    path = tmp_path / "three.svg"
    code, out, err = run(saved(tmp_path, X), "--plot", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["n"] == 400
    content = path.read_text()
    # The text of a path-drawn label stands in a comment before it.
    for label in ("k = 2", "k = 3", "k = 4", "$d$ by Gride", "local $d$", "everywhere"):
        assert label in content


def test_a_plot_that_cannot_be_written_is_refused_and_leaves_nothing(refused, tmp_path: Path):
    path = saved(tmp_path, X)
    assert ".svg, .png or .pdf" in refused(path, "--plot", tmp_path / "relation.txt")
    # Before the file is even looked for.
    assert ".svg, .png or .pdf" in refused("no such file", "--plot", tmp_path / "relation.txt")
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
    large = "a large d is biased at any usual number of points: mostly low"
    told = any(large in note for note in found["notes"])
    assert told == (max(all_d(found)) > 8 and not noted)
    # Where ties set d, they are the reason.
    assert max(all_d(coarse)) > 8
    assert not any(large in note for note in coarse["notes"])
