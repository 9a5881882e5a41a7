"""Trained networks and the d of their activations: the cells that several experiments share.

`id-points`, `id-neighbours`, `id-linearity`, `id-histogram` and `image-layers` look at the same
networks. Their cells are the same, so in one store each is computed once.
"""
