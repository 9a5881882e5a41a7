"""Which devices PyTorch has here."""

from __future__ import annotations


def is_present(device: str) -> bool:
    """Whether a tensor can be made on it."""
    if device == "cpu":
        return True
    import torch  # late: only those who ask for another device wait for it

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        return False
    return device != "meta"
