"""How a figure looks in print: one font, thin axes, ticks inwards, colours for every eye."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from warnings import catch_warnings, filterwarnings

import matplotlib.style
from matplotlib import colormaps, colors
from matplotlib.mathtext import MathTextParser

from scalinglaws.report.text import printable

INK = "#222222"
# Okabe & Ito's colour-blind-safe set, without its yellow, which vanishes on paper.
_CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = "os^Dv<>ph"

_PRINT = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 11,
    "figure.titlesize": 11,
    "legend.fontsize": 9,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-3, 5),
    "text.color": INK,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 4.5,
    "ytick.major.size": 4.5,
    "xtick.minor.size": 2.5,
    "ytick.minor.size": 2.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.4,
    # Text as paths: the same in every browser, with no font to install or fetch.
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}


@contextmanager
def print_style(salt: str) -> Generator[None]:
    """Draw in our style, whatever the user's matplotlibrc says, and restore theirs after.

    salt: seeds the ids inside an SVG, so that the same figure gives the same bytes.
    """
    with (
        matplotlib.style.context(["default", {**_PRINT, "svg.hashsalt": salt}], after_reset=True),
        catch_warnings(),
    ):
        # A label may hold a letter that no font here has; its box is drawn, the run goes on.
        filterwarnings("ignore", message="Glyph .* missing from")
        yield


def color(index: int | None, count: int) -> str:
    """The colour of series number `index` among `count`; None is ink.

    Up to six are told apart by hue; more are an ordered family (k = 2..10, say) and take
    equal steps along viridis, dark to light, whose pale end is left out.
    """
    if index is None:
        return INK
    if count <= len(_CYCLE):
        return _CYCLE[index % len(_CYCLE)]
    return colors.to_hex(colormaps["viridis"](0.9 * (index % count) / (count - 1)))


def marker(index: int | None) -> str:
    """A shape per colour, so that nothing is told by colour alone."""
    return _MARKERS[(index or 0) % len(_MARKERS)]


def drawable(text: str) -> str:
    """Text for matplotlib: mathtext like $\\alpha$ where it parses, else drawn literally."""
    text = printable(text)
    try:
        MathTextParser("path").parse(text)
    except (ValueError, RecursionError):
        return text.replace("$", r"\$")
    return text
