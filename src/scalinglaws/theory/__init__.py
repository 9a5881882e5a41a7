"""Closed forms of the papers, one module each."""

from scalinglaws.theory import manifold, percolation, quanta

__all__ = ["manifold", "percolation", "quanta"]
