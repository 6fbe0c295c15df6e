"""Matrices of three rows, for maps of colours."""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, hypot
from typing import Final

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
ROUNDS: Final = 12
"""Turns around each pair of axes; a matrix of three rows is diagonal after about five."""


def times(one: Matrix, other: Matrix) -> Matrix:
    """The product of two matrices."""
    a, b, c = (_row([sum(row[k] * other[k][j] for k in range(3)) for j in range(3)]) for row in one)
    return a, b, c


def applied(matrix: Matrix, vector: Row) -> Row:
    """A vector through a matrix."""
    return _row([sum(row[k] * vector[k] for k in range(3)) for row in matrix])


def reshaped(matrix: Matrix, change: Callable[[float], float]) -> Matrix:
    """A symmetric matrix with its eigenvalues changed, its eigenvectors as they are."""
    values, vectors = _diagonal(matrix)
    values = [change(value) for value in values]
    a, b, c = (
        _row([sum(vectors[i][k] * values[k] * vectors[j][k] for k in range(3)) for j in range(3)])
        for i in range(3)
    )
    return a, b, c


def _diagonal(matrix: Matrix) -> tuple[list[float], list[list[float]]]:
    """Eigenvalues and eigenvectors (as columns) of a symmetric matrix, by Jacobi's turns."""
    rows = [list(row) for row in matrix]
    vectors = [[1.0 if i == j else 0.0 for j in range(3)] for i in range(3)]
    for _ in range(ROUNDS):
        for p, q in ((0, 1), (0, 2), (1, 2)):
            if rows[p][q]:
                _turn(rows, vectors, p, q)
    return [rows[i][i] for i in range(3)], vectors


def _turn(rows: list[list[float]], vectors: list[list[float]], p: int, q: int) -> None:
    """Turn the axes `p` and `q` so that nothing is left between them."""
    slope = (rows[q][q] - rows[p][p]) / (2 * rows[p][q])
    tangent = copysign(1.0, slope) / (abs(slope) + hypot(1.0, slope))
    cosine = 1 / hypot(1.0, tangent)
    sine = tangent * cosine
    for row in rows:
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
    for k in range(3):
        up, uq = rows[p][k], rows[q][k]
        rows[p][k], rows[q][k] = cosine * up - sine * uq, sine * up + cosine * uq
    for row in vectors:
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]


def _row(values: list[float]) -> Row:
    return values[0], values[1], values[2]
