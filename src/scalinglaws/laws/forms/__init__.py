"""One module for each law: its equation, derivatives, inverse and starts.

power, power_constant, shifted   straight lines on log axes, over a floor, bent at small x
m3, m4                           the bent power law without a floor, and with a ceiling
broken                           one or more smooth changes of slope
log_power, variance              the marginal case of percolation; the variance-limited regime
additive, kaplan                 joint laws of N and D
sums, start                      logs of sums of terms, and linear starts, which they share
"""
