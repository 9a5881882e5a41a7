"""Where PyTorch computes: names of devices, and which of them are here."""

from __future__ import annotations

import re

NAMES = "cpu, cuda, cuda:1, mps or xpu"
_NAME = re.compile(r"cpu|mps|(cuda|xpu)(:\d{1,3})?")


def rule(device: str) -> dict[str, bool]:
    """What must hold of a setting, and whether it does."""
    return {f"device {NAMES}": is_name(device)}


def is_name(device: str) -> bool:
    """Whether PyTorch calls a device so; here or on a worker of a cluster, or where a ledger was
    made."""
    return _NAME.fullmatch(device) is not None


def is_present(device: str) -> bool:
    """Whether it is a name, and this machine has it."""
    if device == "cpu" or not is_name(device):
        return device == "cpu"
    import torch  # late: only those who ask for another device wait for it

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        return False
    return True
