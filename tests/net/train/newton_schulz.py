#!/usr/bin/env python3
"""The expected figures of test_muon.c, in plain Python: five Newton-Schulz iterations (Jordan 2024) of small matrices, and
two steps of Muon on a 2x3 matrix of weights. Usage: newton_schulz.py"""
import math

A, B, C = 3.4445, -4.7750, 2.0315


def transpose(x):
    return [list(column) for column in zip(*x)]


def product(x, y):
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*y)] for row in x]


def combine(*terms):
    return [[sum(f * x[i][j] for f, x in terms) for j in range(len(terms[0][1][0]))] for i in range(len(terms[0][1]))]


def orthogonalise(g):
    tall = len(g) > len(g[0])
    x = transpose(g) if tall else g
    norm = math.sqrt(sum(v * v for row in x for v in row))
    x = combine((1 / norm, x))
    for _ in range(5):
        gram = product(x, transpose(x))
        x = combine((A, x), (1, product(combine((B, gram), (C, product(gram, gram))), x)))
    return transpose(x) if tall else x


def show(name, x):
    print(name, ", ".join("%.6f" % v for row in x for v in row))


def steps():
    """Momentum 0.95, rate 0.1, decay 0.2, gradients scaled by 0.5."""
    weights, moment = [[1.0] * 3, [1.0] * 3], [[0.0] * 3, [0.0] * 3]
    for gradient in ([[3, 1, 2], [-1, 0, 4]], [[0, -2, 1], [5, 1, 1]]):
        moment = combine((0.95, moment), (0.5, gradient))
        direction = orthogonalise(combine((0.5, gradient), (0.95, moment)))
        weights = combine((1 - 0.1 * 0.2, weights), (-0.1 * 0.2 * math.sqrt(3), direction))
        show("weights", weights)
        show("moment", moment)


show("wide", orthogonalise([[3, 1, 2], [-1, 0, 4]]))
show("tall", orthogonalise([[3, -1], [1, 0], [2, 4]]))
show("square", orthogonalise([[2, 0], [1, -3]]))
steps()
