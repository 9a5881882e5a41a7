"""What compute buys: FLOP rules, optimal sizes and their exponents, budgets for a target loss.

flops             C of (N, D)
compute_optimal   N*(C), D*(C) of a joint law
allocation        the same with intervals, and what a loss costs
isoflop           N*(C), D*(C) of the runs themselves, budget by budget
"""
