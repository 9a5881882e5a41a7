"""Families of students, trained and measured as in Sharma & Kaplan 2020 (arXiv 2004.10802), A.2.

What the experiments on teachers and students share: the cell that trains them, the exponents and
dimensions of its families, and the lines through these.
"""
