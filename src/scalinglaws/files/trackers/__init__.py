"""Records of experiment trackers: each format a module that gives a Source of runs and steps."""
