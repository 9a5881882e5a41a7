"""Results on paper, on the web and on the terminal. The only room that draws.

Names load on use: a terminal table needs neither matplotlib nor jinja2.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scalinglaws.report.draw import draw_plot
    from scalinglaws.report.html import render_html
    from scalinglaws.report.ledger import load_result
    from scalinglaws.report.plot_path import plot_format
    from scalinglaws.report.summary import write_summary
    from scalinglaws.report.terminal import claims_table
    from scalinglaws.report.write import write_report

__all__ = [
    "claims_table",
    "draw_plot",
    "load_result",
    "plot_format",
    "render_html",
    "write_report",
    "write_summary",
]

_HOME = {
    "claims_table": "terminal",
    "draw_plot": "draw",
    "load_result": "ledger",
    "plot_format": "plot_path",
    "render_html": "html",
    "write_report": "write",
    "write_summary": "summary",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
