"""Single laws as fitted to the same curves by an independent program.

Least squares on log L from many starts, all published rows; mean and median RMSLE over curves.
"""

from __future__ import annotations

NAMES = {"power": "M1", "power+constant": "M2", "m3": "M3", "m4": "M4", "broken": "BNSL-1"}
BEST = 0.0403  # on the curves of images: the broken law's

RMSLE: dict[str, dict[str, tuple[float, float]]] = {
    "IC": {
        "power": (0.1046, 0.0906),
        "power+constant": (0.0725, 0.0631),
        "m3": (0.0592, 0.0460),
        "m4": (0.0490, 0.0277),
        "broken": (0.0403, 0.0229),
    },
    "NMT": {
        "power": (0.2217, 0.2340),
        "power+constant": (0.0482, 0.0561),
        "m3": (0.0133, 0.0164),
        "m4": (0.0269, 0.0174),
        "broken": (0.0105, 0.0120),
    },
    "LM": {
        "power": (0.0140, 0.0155),
        "power+constant": (0.0011, 0.0013),
        "m3": (0.0033, 0.0032),
        "m4": (0.0010, 0.0010),
        "broken": (0.0008, 0.0007),
    },
    "BB": {
        "power": (0.0148, 0.0132),
        "power+constant": (0.0100, 0.0101),
        "m3": (0.0105, 0.0115),
        "m4": (0.0078, 0.0069),
        "broken": (0.0124, 0.0099),
    },
}
