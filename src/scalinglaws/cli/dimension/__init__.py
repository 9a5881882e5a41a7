"""`dimension FILE`: points -> intrinsic dimension d by several estimators, with intervals.

`command` the arguments, `methods` what they ask for, `measure` one search shared by all of it,
`remarks` what a reader must know of these points, `output` and `figure` how it is shown.
"""
