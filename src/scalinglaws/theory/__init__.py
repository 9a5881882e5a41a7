"""Closed forms of the papers, one module each."""

from scalinglaws.theory import percolation, quanta

__all__ = ["percolation", "quanta"]
