"""Families of students, trained and measured as in Sharma & Kaplan 2020 (arXiv 2004.10802), A.2.

What the experiments on teachers and students share: the settings and the cell that train them, the
exponents and dimensions of the families, and the lines through these.
"""
