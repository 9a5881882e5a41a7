"""Where the rooms are joined up: an experiment's cells through a sweep to its report."""

from scalinglaws.runner.artifacts import artifact_folder
from scalinglaws.runner.execute import run
from scalinglaws.runner.rebuild import report, reproduce

__all__ = ["artifact_folder", "report", "reproduce", "run"]
