"""What compute buys: FLOP rules, optimal sizes and their exponents, budgets for a target loss.

flops             C of (N, D)
compute_optimal   N*(C), D*(C) of a joint law
allocation        the same with intervals, and what a loss costs
isoflop           N*(C), D*(C) of the runs themselves: `budgets`, each with a `curve` through its
                  runs, a `parabola` or `akima`'s spline
"""
