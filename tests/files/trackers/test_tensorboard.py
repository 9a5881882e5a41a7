"""TensorBoard events: hand-made bytes and a real file; cut files are said, damaged ones refused."""

import builtins
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from event_bytes import event, frame, hparams, image, masked, part, scalar_v1, scalar_v2, text

from scalinglaws.errors import BadInput, MissingExtra
from scalinglaws.files.recognise import read_any, recognise
from scalinglaws.files.runs import RunLoss
from scalinglaws.files.table import Table

pytest.importorskip("tensorboard", reason="the extra [tensorboard] is not installed")

REAL = "data/laws/misc/events.out.tfevents.*"
NAME = "events.out.tfevents.1.host"
LOSSES = {0: 4.0, 10: 3.0, 20: 2.5, 30: 2.75}


def write(folder: Path, *records: bytes, name: str = NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(records))
    return path


def records(scalar=scalar_v1, offset: float = 0.0) -> list[bytes]:
    return [
        event(step, scalar("loss", loss + offset), scalar("tokens", 100 * step + 1))
        for step, loss in LOSSES.items()
    ]


def read(path: Path, how: RunLoss | None = RunLoss.LAST, *more: str) -> Table:
    return read_any(path, ["loss", *more], y="loss", how=how)


@pytest.mark.parametrize("scalar", [scalar_v1, scalar_v2])
def test_scalars_of_both_formats_are_read_and_other_summaries_passed_over(tmp_path, scalar):
    path = write(
        tmp_path, event(0, image("picture"), text("note", "hello")), *records(scalar), event(40)
    )
    assert {*recognise(path).names} == {"run", "step", "loss", "tokens"}
    table = read(path, RunLoss.BEST, "tokens", "step")
    assert table.columns["loss"].tolist() == [2.5]
    assert table.columns["tokens"].tolist() == [2001]
    assert table.columns["step"].tolist() == [20]
    assert table.labels["run"].tolist() == [NAME]


def test_a_folder_of_runs_gives_a_row_for_each_with_its_hyperparameters(tmp_path):
    for i, N in enumerate((1e6, 1e7)):
        folder = tmp_path / f"sweep/run{i}"
        write(folder, event(0, hparams(n_params=N, optimiser="adam")), *records(offset=i))
    write(tmp_path / "empty")
    table = read_any(
        tmp_path,
        ["N", "loss"],
        y="loss",
        how=RunLoss.LAST,
        labels=["optimiser"],
        renamed={"N": "n_params"},
    )
    assert table.columns["N"].tolist() == [1e6, 1e7]
    assert table.columns["loss"].tolist() == [2.75, 3.75]
    assert table.labels["run"].tolist() == ["sweep/run0", "sweep/run1"]
    assert table.labels["optimiser"].tolist() == ["adam", "adam"]
    assert any("lack a column" in note and "'empty'" in note for note in table.notes)


def test_a_restarted_run_counts_with_what_it_logged_last(tmp_path):
    write(tmp_path, *records(), name="events.out.tfevents.1.a")
    write(tmp_path, event(30, scalar_v1("loss", 2.0)), name="events.out.tfevents.2.a")
    assert read(tmp_path).columns["loss"].tolist() == [2.0]


@pytest.mark.parametrize("cut", [1, 4, 20])
def test_a_cut_record_is_said_and_what_precedes_it_kept(tmp_path, cut):
    path = write(tmp_path, b"".join(records())[:-cut])
    table = read(path)
    assert table.columns["loss"].tolist() == [2.5]
    assert any("cut off" in note for note in table.notes)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("place", [3, 9, 25, -2])
def test_a_flipped_bit_is_refused_with_its_record(tmp_path, place):
    path = write(tmp_path, records()[0], flipped(records()[1], place), *records()[2:])
    with pytest.raises(BadInput, match="record 2: fails its checksum"):
        read(path)


def promised(length: int) -> bytes:
    head = struct.pack("<Q", length)
    return head + masked(head) + b"few"


@pytest.mark.parametrize("length", [1 << 62, (1 << 64) - 1])
def test_a_record_that_promises_the_moon_is_refused(tmp_path, length):
    with pytest.raises(BadInput, match="record 5"):
        read(write(tmp_path, *records(), promised(length)))


def test_what_is_framed_but_no_event_is_refused(tmp_path):
    with pytest.raises(BadInput, match="record 1: holds no event"):
        read(write(tmp_path, frame(b"\xff\xff\xff")))


def test_a_tensor_that_lies_about_its_size_is_no_scalar(tmp_path):
    tensor = b"\x08\x01" + part(2, b"") + part(4, b"ab")
    lie = part(1, b"loss") + part(8, tensor)
    assert "loss" not in recognise(write(tmp_path, event(0, lie))).names


def test_a_run_that_diverged_is_left_out_and_named(tmp_path):
    write(tmp_path / "good", *records())
    write(tmp_path / "bad", *records(), event(40, scalar_v1("loss", float("nan"))))
    table = read(tmp_path)
    assert table.labels["run"].tolist() == ["good"]
    assert any("NaN or infinite: 'bad'" in note for note in table.notes)
    assert read(tmp_path, RunLoss.BEST).labels["run"].tolist() == ["bad", "good"]


def test_a_step_beyond_float64_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot order steps"):
        read(write(tmp_path, *records(), event((1 << 62) + 1, scalar_v1("loss", 1.0))))


def test_links_that_go_round_end(tmp_path):
    write(tmp_path / "run", *records())
    (tmp_path / "run" / "again").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "nowhere")
    assert read(tmp_path).labels["run"].tolist() == ["run"]


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **keywords):
        if name.startswith("tensorboard"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    path = write(tmp_path, *records())
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtra, match=r"scalinglaws\[tensorboard\]"):
        read(path)


def test_the_real_file_of_a_t5_model():
    root = Path(__file__).parents[3]
    folders = (root.parent / "shared", Path(os.environ.get("SCALINGLAWS_DATA", root)))
    found = [file for folder in folders for file in sorted(folder.glob(REAL))]
    if not found:
        pytest.skip(f"{REAL} is absent: put it under SCALINGLAWS_DATA")
    y = "loss_per_all_target_tokens"
    table = read_any(found[0], [y, "step"], y=y, how=RunLoss.LAST)
    assert table.columns["step"].tolist() == [1e6]
    everything = recognise(found[0]).read(["step", y, "loss", "z_loss", "cross_ent_loss"], [])
    assert np.array_equal(everything.columns["step"], np.arange(26) * 1e4 + 75e4)
    total = everything.columns["z_loss"] + everything.columns["cross_ent_loss"]
    np.testing.assert_allclose(everything.columns["loss"], total, rtol=1e-6)  # float32
    assert table.columns[y][0] == everything.columns[y][-1]
    with pytest.raises(BadInput, match=r"'accuracy' falls from 0\.83"):
        read_any(found[0], [y, "accuracy"], y=y, how=RunLoss.LAST)
