"""What a training run costs: rules C(N, D), selectable by name and printed beside a result.

Every rule is a cost per token times D, so that D = C / (cost per token).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from scalinglaws.errors import BadInput, UnknownName

PerToken = Callable[[ndarray], ndarray]


@dataclass(frozen=True)
class FlopRule:
    """C = per_token(N) D, in FLOPs."""

    name: str
    source: str
    per_token: PerToken

    def C(self, N: ArrayLike, D: ArrayLike) -> Float[ndarray, ...]:
        return self.per_token(np.asarray(N, dtype=float)) * np.asarray(D, dtype=float)

    def D(self, C: ArrayLike, N: ArrayLike) -> Float[ndarray, ...]:
        """The tokens that C pays for."""
        return np.asarray(C, dtype=float) / self.per_token(np.asarray(N, dtype=float))


def with_attention(n_ctx: float, aspect: float) -> FlopRule:
    """6ND and the products of attention over a context of n_ctx tokens.

    Kaplan et al. 2020, table 1: a forward pass costs 2N + 2 n_layer n_ctx d_attn per token, and
    training three times that. N = 12 n_layer d_model^2 without embeddings, d_attn = d_model;
    aspect: d_model / n_layer, whence n_layer d_model = aspect (N / (12 aspect^2))^(2/3).
    """
    if not (n_ctx > 0 and aspect > 0):
        raise BadInput(f"n_ctx and aspect must be positive, got {n_ctx:g} and {aspect:g}")

    def per_token(N: Float[ndarray, ...]) -> Float[ndarray, ...]:
        n_layer = (N / (12 * aspect**2)) ** (1 / 3)
        return 6 * N + 6 * n_ctx * aspect * n_layer**2

    name = f"6ND+attention (n_ctx {n_ctx:g}, d_model/n_layer {aspect:g})"
    return FlopRule(name, "Kaplan et al. 2020, arXiv:2001.08361, table 1", per_token)


def _six_N(N: Float[ndarray, ...]) -> Float[ndarray, ...]:
    return 6 * N


def _eight_N(N: Float[ndarray, ...]) -> Float[ndarray, ...]:
    return 8 * N


SIX_ND = FlopRule("6ND", "Kaplan et al. 2020, arXiv:2001.08361, section 2.1", _six_N)
# A third forward pass, where activations are computed anew instead of kept.
EIGHT_ND = FlopRule("8ND", "Narayanan et al. 2021, arXiv:2104.04473", _eight_N)
FLOP_RULES = {rule.name: rule for rule in (SIX_ND, EIGHT_ND)}


def flop_rule(flops: str | FlopRule | Callable[..., ArrayLike]) -> FlopRule:
    """The rule of this name, the rule itself, or one made of any C(N, D) that is linear in D.

    Raises UnknownName, or BadInput where C(N, D) is not linear in D.
    """
    if isinstance(flops, FlopRule):
        return flops
    if isinstance(flops, str):
        if flops not in FLOP_RULES:
            raise UnknownName("FLOP rule", flops, FLOP_RULES)
        return FLOP_RULES[flops]
    once, twice = (np.asarray(flops(1e9, D), dtype=float) for D in (1e9, 2e9))
    if not np.isclose(twice, 2 * once, rtol=1e-9):
        raise BadInput(
            f"a FLOP rule must be linear in D: C(1e9, 2e9) / C(1e9, 1e9) = {twice / once}"
        )
    name = getattr(flops, "__name__", "given rule").strip("<>")
    return FlopRule(name, "given", lambda N: np.asarray(flops(N, 1.0), dtype=float))
