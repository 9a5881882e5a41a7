"""What float64 may get wrong, of distances between rows of many columns."""

from __future__ import annotations

import numpy as np


def rounding(D: int) -> float:
    """e = (D + 5)^1.5 eps: no length in D columns comes out wrong by more than e of it.

    With u = eps/2 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1)

        a sum of D squared differences is wrong by (D + 2) u of itself, its root by half of that;
        a centred point x by u |x|, its products with D axes by D u |x| each, D^1.5 u |x| in all;
        |x|^2 + |y|^2 - 2xy by (D + 3) u (|x| + |y|)^2, less than 2e (|x|^2 + |y|^2):

    each of them with half of e to spare or more.
    """
    return (D + 5) ** 1.5 * float(np.finfo(np.float64).eps)
