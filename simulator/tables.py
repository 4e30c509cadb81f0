"""Quantile functions as tables over random words: every family at one price.

Cells shrink into both tails: CELLS to each octave of the tail probability. In a cell the value is
linear in the word, at most TOLERANCE off the quantile, relative to max(|x|, interquartile range).
Cells in which it would be more, and those that hold a jump, are resolved exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .distributions import Distribution

CELLS, OCTAVES = 256, 32
TOLERANCE = 5e-6
_SHIFT = 44  # 52 bits of mantissa, of which the upper 8 number the cells of an octave
_FIRST = 1022 * CELLS  # the cell of |s + 1/2| = 1/2
_COUNT = CELLS * OCTAVES
Draw = Callable[[np.ndarray], np.ndarray]


def tail(words: np.ndarray) -> np.ndarray:
    """The tail probability that each word stands for, in (0, 1/2)."""
    return (np.where(words < 0, ~words, words) + 0.5) / 2.0**32


def exactly(distribution: Distribution, words: np.ndarray, special: bool = True) -> np.ndarray:
    """The quantile function itself at each word; `special` asks for scipy.special."""
    law = distribution.law
    quantile = law.exact if special else law.ppf
    upper, p = words >= 0, tail(words)
    values = np.empty(words.shape)
    values[upper] = quantile(p[upper], True)
    values[~upper] = quantile(p[~upper], False)
    return values


def _edges() -> np.ndarray:
    octave = 2.0 ** np.arange(-1, OCTAVES - 1)[:, None]
    inner = (octave * (1.0 + np.arange(CELLS) / CELLS)).ravel()
    return np.append(inner, 2.0 ** (OCTAVES - 1))


EDGES = _edges()
MIDDLES = 0.5 * (EDGES[1:] + EDGES[:-1])


class Table:
    """Values from words of one distribution: `table(words)` has the shape of `words`, in float64."""

    def __init__(self, distribution: Distribution):
        self.distribution = distribution
        law = distribution.law
        spread = float(law.ppf(0.25, True) - law.ppf(0.25, False))
        sides = [self._side(law, upper, spread) for upper in (True, False)]
        self._at = np.concatenate([side[0] for side in sides])
        self._by = np.concatenate([side[1] for side in sides])
        rough = np.concatenate([side[2] for side in sides])
        self._rough = rough if rough.any() else None

    @staticmethod
    def _side(law: object, upper: bool, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value at s = 0, slope and roughness of the cells of one tail."""
        x = law.quick(EDGES / 2.0**32, upper)  # type: ignore[attr-defined]
        sign = 1.0 if upper else -1.0
        with np.errstate(invalid="ignore", over="ignore"):
            slope = np.diff(x) / np.diff(EDGES)
            start = x[:-1] - slope * EDGES[:-1]
            chord = 0.5 * (x[1:] + x[:-1])
            middle = law.quick(MIDDLES / 2.0**32, upper)  # type: ignore[attr-defined]
            rough = ~(np.abs(middle - chord) <= TOLERANCE * np.maximum(np.abs(middle), spread))
        if not law.smooth:  # type: ignore[attr-defined]
            rough |= Table._jumps(law, upper, x)
        flat = np.diff(x) == 0.0
        start, slope = np.where(flat, x[:-1], start), np.where(flat, 0.0, slope)
        start, slope = np.where(rough, 0.0, start), np.where(rough, 0.0, slope)
        return start, sign * slope, rough

    @staticmethod
    def _jumps(law: object, upper: bool, x: np.ndarray) -> np.ndarray:
        """Cells of a law with steps in which it is not linear: any that is neither flat nor smooth."""
        width = np.diff(EDGES)
        quarters = [law.ppf((EDGES[:-1] + q * width) / 2.0**32, upper) for q in (0.25, 0.75)]  # type: ignore[attr-defined]
        rise = np.abs(np.diff(x))
        off = np.abs(quarters[0] - (0.75 * x[:-1] + 0.25 * x[1:]))
        off = np.maximum(off, np.abs(quarters[1] - (0.25 * x[:-1] + 0.75 * x[1:])))
        stepped = type(law).__name__ == "Steps"
        return rise > 0.0 if stepped else off > 1e-3 * rise

    def __call__(self, words: np.ndarray) -> np.ndarray:
        place = words + 0.5
        cell = place.view(np.int64) >> _SHIFT
        below = (cell >> 63) & _COUNT
        cell &= (1 << 19) - 1
        cell -= _FIRST
        cell += below
        place *= self._by[cell]
        place += self._at[cell]
        if self._rough is not None:
            rough = self._rough[cell]
            if rough.any():
                place[rough] = exactly(self.distribution, words[rough], special=False)
        return place


def drawer(distribution: Distribution, exact: bool) -> Draw:
    """A function from words to values: the table, or the exact quantile function."""
    if exact:
        return lambda words: exactly(distribution, words)
    return Table(distribution)
