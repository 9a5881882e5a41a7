"""One module for each way of measuring d, and the `table` that knows them by name.

twonn, twonn_line   the first two neighbours: maximum likelihood, a straight line
knn                 neighbours 1 and k, by a straight line too (both lean on `line`)
mle, local          k neighbours: one d, or one for every point
gride               neighbours n1 and 2 n1, at one scale or all
corrint             pairs of points within two radii (found by `pairs`)
linear              the baselines: participation ratio, counts of principal components
"""
