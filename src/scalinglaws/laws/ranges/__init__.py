"""Which points a power law holds for.

form         the ways in which a power law may end
circle       the best-fit-circle prefix of Sharma & Kaplan 2020 (A.1)
exponent     the exponent of a power law that may end, from all points
n_max        where it ends
breakpoint   whether one slope is enough
hull         the best architecture at each size
"""
