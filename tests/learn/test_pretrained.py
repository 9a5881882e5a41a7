"""Pretrained models: opened as stored, offline, or a clear error."""

import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from scalinglaws.errors import BadInput, MissingExtra
from scalinglaws.learn.pretrained import missing_extra, open_gguf

WHAT = "tiny, 32-bit, untrained"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("offline")
def test_a_gguf_file_opens_to_the_model_that_was_stored(
    gguf_file: Path, llama: Any, capfd: pytest.CaptureFixture[str]
):
    opened = open_gguf(gguf_file, WHAT)
    assert opened.description == WHAT
    assert not opened.model.training
    ids = opened.ids("abcab")
    assert ids.tolist() == [10, 4, 10]  # "ab" is one token; nothing is put around
    with torch.no_grad():
        ours, stored = (m(ids[None]).last_hidden_state for m in (opened.model, llama))
    assert ours.dtype == torch.float32
    torch.testing.assert_close(ours, stored)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("offline")
def test_files_beside_the_one_opened_are_not_obeyed(gguf_file: Path, tmp_path: Path):
    """transformers reads a tokenizer_config.json of the same folder, and the code it names."""
    (tmp_path / gguf_file.name).write_bytes(gguf_file.read_bytes())
    (tmp_path / "evil.py").write_text("open('ran', 'w')\nclass Evil: pass\n")
    (tmp_path / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "Evil", "auto_map": {"AutoTokenizer": ["evil.Evil", null]}}'
    )
    opened = open_gguf(tmp_path / gguf_file.name, WHAT)
    assert opened.ids("abcab").tolist() == [10, 4, 10]


def test_a_file_that_is_not_gguf_is_named(tmp_path: Path):
    pytest.importorskip("gguf")
    path = tmp_path / "model.gguf"
    with pytest.raises(BadInput, match=r"model\.gguf: no such file"):
        open_gguf(path, WHAT)
    path.write_bytes(b"not a model" * 1000)
    with pytest.raises(BadInput, match=r"model\.gguf: not a GGUF model"):
        open_gguf(path, WHAT)


@pytest.mark.parametrize(
    ("module", "extra"), [("transformers", "lm"), ("gguf", "lm"), ("torch", "train")]
)
def test_an_absent_library_is_named_with_its_extra(
    module: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    pytest.importorskip("transformers")
    assert missing_extra() is None
    monkeypatch.setitem(sys.modules, module, None)
    assert isinstance(missing_extra(), MissingExtra)
    with pytest.raises(MissingExtra, match=rf"{module}.*scalinglaws\[{extra}\]"):
        open_gguf(tmp_path / "model.gguf", WHAT)
