"""Closed forms of the papers, one module each."""

from scalinglaws.theory import manifold, nearest, percolation, quanta

__all__ = ["manifold", "nearest", "percolation", "quanta"]
