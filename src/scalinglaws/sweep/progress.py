"""How a sweep tells what it is doing: a bar on a terminal, plain lines elsewhere, on stderr."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

from scalinglaws.sweep.cell import Cell

SILENCE_S = 10.0  # the longest of the plain lines


class Tally:
    """Counts of a sweep, and the time it still needs.

    A cell's cost is a guess of its seconds, which count once for each worker that it takes: those
    that were computed say how far it is off.
    """

    def __init__(self, total: int, stored: int, cost: float, workers: int = 1):
        self.total, self.stored, self.failures, self.cost = total, stored, 0, cost
        self.cost_ended = 0.0
        self.workers = workers
        self._cost_computed = self._cells_s = 0.0
        self._started = time.monotonic()

    def done(self, cell: Cell, wall_s: float, taken: int = 1) -> str:
        """Count a cell that is now stored; the line that reports it."""
        self.stored += 1
        self.cost_ended += cell.cost * taken
        self._cost_computed += cell.cost * taken
        self._cells_s += wall_s * taken
        return f"{_label(cell)} took {wall_s:.1f} s; {self.status}"

    def failed(self, cell: Cell, reason: str, taken: int = 1) -> str:
        """Count a cell that failed; the line that reports it."""
        self.failures += 1
        self.cost_ended += cell.cost * taken
        return f"{_label(cell)} failed: {reason}"

    @property
    def status(self) -> str:
        """Where the sweep stands, in one line."""
        parts = [f"{self.stored} of {self.total} cells stored"]
        if self.failures:
            parts.append(f"{self.failures} failed")
        if not self.workers:
            parts.append("no worker is connected")
        if self.cost_ended < self.cost:
            about = "" if self._cost_computed else "about "
            parts.append(f"{about}{_clock(self._left_s())} left")
        return ", ".join(parts)

    def _left_s(self) -> float:
        """The whole work at the pace so far, shared by the workers, less what has passed."""
        pace = self._cells_s / self._cost_computed if self._cost_computed else 1.0
        whole_s = pace * self.cost / max(1, self.workers)
        return max(0.0, whole_s - (time.monotonic() - self._started))


class Reporter(Protocol):
    """Told by the sweep what happens."""

    def start(self, tally: Tally) -> None: ...
    def ended(self, line: str, tally: Tally) -> None: ...
    def tick(self, tally: Tally) -> None: ...
    def stop(self) -> None: ...


def reporter(*, quiet: bool = False, stream: TextIO | None = None) -> Reporter:
    """The reporter that suits the stream, by default stderr."""
    stream = stream or sys.stderr
    if quiet or stream is None:  # a process may have no stderr
        return Silent()
    return Bar(stream) if stream.isatty() else Lines(stream)


class Silent:
    """Says nothing."""

    def start(self, tally: Tally) -> None: ...
    def ended(self, line: str, tally: Tally) -> None: ...
    def tick(self, tally: Tally) -> None: ...
    def stop(self) -> None: ...


class Lines:
    """A line per cell that ended, and one after ten seconds without any."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._last = time.monotonic()

    def start(self, tally: Tally) -> None:
        self._write(tally.status)

    def ended(self, line: str, tally: Tally) -> None:
        self._write(line)

    def tick(self, tally: Tally) -> None:
        if time.monotonic() - self._last >= SILENCE_S:
            self._write(tally.status)

    def stop(self) -> None: ...

    def _write(self, line: str) -> None:
        self._last = time.monotonic()
        print(line, file=self._stream, flush=True)


class Bar:
    """A bar that moves with the cost of the cells that ended; a failure leaves a line above it."""

    def __init__(self, stream: TextIO):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(file=stream)
        self._bar = Progress(BarColumn(), TextColumn("{task.description}"), console=console)
        self._task = self._bar.add_task("", total=None)
        self._failures = 0

    def start(self, tally: Tally) -> None:
        self._bar.update(self._task, total=tally.cost)
        self.tick(tally)
        self._bar.start()

    def ended(self, line: str, tally: Tally) -> None:
        if tally.failures > self._failures:
            self._bar.console.print(line, markup=False, highlight=False)
        self._failures = tally.failures

    def tick(self, tally: Tally) -> None:
        self._bar.update(self._task, completed=tally.cost_ended, description=tally.status)

    def stop(self) -> None:
        self._bar.stop()


def _label(cell: Cell) -> str:
    return f"cell {cell.key[:8]}"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
