"""Columns of x and loss -> the best parameters of a law, with intervals.

fit          the entry: `columns` checked, `scale` set, the optimum found, a `fitted` law returned
optimise     the least objective over many starts, by `descent` in batches, also under constraints
candidates   the law, and its limits that the data cannot tell from it
profile      intervals by profile likelihood, `noise` deciding how far is too far
bootstrap    intervals by resampled runs
status       what is weak about a fit
"""
