"""Activations: the layers' own outputs, and a model left as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.learn.activations import capture
from scalinglaws.learn.networks import named_generator


class Net(nn.Module):
    """Convolution, in-place ReLU used twice, dropout, and a layer that is never run."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(3 * 4 * 4, 5)
        self.spare = nn.Linear(2, 2)

    def forward(self, x: Tensor, scale: Tensor | None = None) -> Tensor:
        h = self.norm(self.conv(x))
        h = self.drop(self.relu(h)).flatten(1)
        return self.relu(self.head(h)) * (1 if scale is None else scale)


class Recurrent(nn.Module):
    """Its inner layer returns (output, states), time first."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x.transpose(0, 1))[0][-1]


@pytest.fixture
def net() -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Net()
    net.norm.running_mean.fill_(0.3)
    return net


def images(n: int = 10) -> Tensor:
    return torch.randn(n, 1, 6, 6, generator=named_generator(7))


def test_rows_are_the_layers_own_outputs_whatever_the_batches(net: Net):
    x = images()
    net.eval()
    conv = net.conv(x)
    norm = net.norm(conv).flatten(1)
    head = net.head(torch.relu(norm)).detach()
    for batches in ([x], x.split(3), list(zip(x.split(4), "abc", strict=True)), [{"x": x}]):
        got = capture(net, batches, ["norm", "head", "conv"])
        assert list(got) == ["norm", "head", "conv"]
        # Not what the in-place ReLU after it made of it.
        torch.testing.assert_close(got["norm"], norm)
        torch.testing.assert_close(got["head"], head)
        torch.testing.assert_close(got["conv"], conv.flatten(1))


def test_other_arguments_come_by_name_and_the_model_itself_is_a_layer(net: Net):
    x = images()
    got = capture(net, [{"x": x, "scale": torch.tensor(2.0)}], [""])[""]
    torch.testing.assert_close(got, 2 * net.eval()(x))
    assert not got.requires_grad


def test_a_loader_of_pairs_is_read(net: Net):
    data = torch.utils.data.TensorDataset(images(), torch.arange(10))
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    torch.testing.assert_close(
        capture(net, loader, ["head"])["head"], capture(net, [images()], ["head"])["head"]
    )


def test_a_stream_without_a_length_is_read(net: Net):
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self) -> Iterator[Tensor]:
            return iter(images(7))

    loader = torch.utils.data.DataLoader(Stream(), batch_size=3)
    assert len(capture(net, loader, ["head"])["head"]) == 7


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_dtype_is_kept(dtype: torch.dtype):
    net = nn.Sequential(nn.Linear(3, 2)).to(dtype)
    assert capture(net, [torch.ones(4, 3, dtype=dtype)], ["0"])["0"].dtype == dtype


def test_one_number_per_example_is_a_column():
    net = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))
    assert capture(net, torch.ones(6, 3).split(2), ["1"])["1"].shape == (6, 1)


def test_select_says_what_a_row_is():
    net, x = Recurrent(), torch.randn(5, 7, 4, generator=named_generator(1))  # (B, T, features)
    output = net.lstm(x.transpose(0, 1))[0].detach()  # (T, B, 6), the first of a tuple
    with pytest.raises(BadInput, match=r"7 rows for a batch of 5.*select"):
        capture(net, [x], ["lstm"])
    last = capture(net, x.split(2), ["lstm"], select=lambda h: h[-1])["lstm"]
    torch.testing.assert_close(last, output[-1])
    every = capture(net, [x], ["lstm"], select=lambda h: h.flatten(0, 1))["lstm"]
    torch.testing.assert_close(every, output.flatten(0, 1))
    with pytest.raises(BadInput, match=r"rows, features.*\(7, 5, 6\)"):
        capture(net, [x], ["lstm"], select=lambda h: h)


def test_a_row_kept_does_not_keep_its_output():
    net, x = Recurrent(), torch.zeros(5, 7, 4)
    last = capture(net, [x], ["lstm"], select=lambda h: h[-1])["lstm"]
    assert last.untyped_storage().nbytes() == last.nbytes


@pytest.mark.parametrize("raises", [False, True])
def test_modes_hooks_and_gradients_are_left_as_they_were(net: Net, raises: bool):
    net.train()
    net.norm.eval()  # a frozen layer of a model in training
    mean = net.norm.running_mean.clone()
    modes = {name: module.training for name, module in net.named_modules()}
    batches = [images(), images()[:, :, :2]] if raises else [images()]
    if raises:
        with pytest.raises(RuntimeError):
            capture(net, batches, ["conv", "head"])
    else:
        capture(net, batches, ["conv", "head"])
    assert {name: module.training for name, module in net.named_modules()} == modes
    assert all(not module._forward_hooks for module in net.modules())
    assert torch.equal(net.norm.running_mean, mean)
    assert torch.is_grad_enabled()
    assert net(images()).requires_grad


def test_an_unknown_layer_gets_the_nearest_name(net: Net):
    with pytest.raises(UnknownName, match="unknown layer 'con': did you mean 'conv'"):
        capture(net, [images()], ["con"])


@pytest.mark.parametrize(
    ("layers", "rule"),
    [
        (["relu"], "'relu' runs more than once"),
        (["spare"], "'spare' does not run"),
        ([], "at least one"),
        ("conv", "a sequence of"),
    ],
)
def test_a_layer_without_one_output_a_batch_is_refused(net: Net, layers: Any, rule: str):
    with pytest.raises(BadInput, match=rule):
        capture(net, [images()], layers)


@pytest.mark.parametrize(
    ("batches", "rule"),
    [([], "no batches"), (["text"], "not str"), ([()], "not tuple"), ([{"x": 1}], "not dict")],
)
def test_a_batch_is_tensors(net: Net, batches: Any, rule: str):
    with pytest.raises(BadInput, match=rule):
        capture(net, batches, ["head"])


def test_rows_of_two_widths_are_refused():
    net = nn.Sequential(nn.Conv1d(1, 1, 2))
    with pytest.raises(BadInput, match="rows of 3 and of 4"):
        capture(net, [torch.ones(2, 1, 4), torch.ones(2, 1, 5)], ["0"])


def test_memory_is_capped_before_it_is_taken(net: Net):
    ran = 0

    def count(*_: Any) -> None:
        nonlocal ran
        ran += 1

    handle = net.register_forward_hook(count)
    batches = images(100).split(10)
    whole = 100 * 5 * 4  # bytes of "head"
    assert capture(net, batches, ["head"], max_bytes=whole)["head"].nbytes == whole
    ran = 0
    with pytest.raises(
        BadInput, match=r"10 batches take at least .* above max_bytes = .*raise max_bytes"
    ):
        capture(net, batches, ["head"], max_bytes=whole // 2)
    assert ran == 1  # foreseen from the first batch
    short = images(101).split(50)  # the last batch is one image
    assert len(capture(net, short, ["head"], max_bytes=101 * 5 * 4)["head"]) == 101
    with pytest.raises(BadInput, match=r"3 batches take .* above max_bytes"):
        capture(net, short, ["head"], max_bytes=101 * 5 * 4 - 1)

    def endless() -> Iterator[Tensor]:
        while True:
            yield images()

    ran = 0
    with pytest.raises(BadInput, match=r"11 batches take .* MiB"):
        capture(net, endless(), ["head"], max_bytes=whole)
    assert ran == 11
    handle.remove()
