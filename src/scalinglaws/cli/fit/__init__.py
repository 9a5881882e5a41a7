"""The command `fit`: a table or tracker of runs in, a law, forecasts and costs out."""

from scalinglaws.cli.fit.command import command

__all__ = ["command"]
