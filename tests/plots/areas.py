"""What the densities of a figure hold, told from its artists alone."""

import math

import numpy as np
from matplotlib.colors import to_hex

from simulator.plots.kinds.comparison import HILL
from simulator.plots.marks import STEM

LINES, AREAS = ("density", "ridge", "prior"), ("marginal", "posterior")  # drawn as a line, or as its area alone


def along(ax, x):
    """Places along a horizontal axis, a step being a factor of e where it is logarithmic."""
    z = ax.xaxis.get_transform().transform(np.asarray(x, dtype=float))
    return z * math.log(10.0) if ax.get_xscale() == "log" else z


def probabilities_of(ax):
    """The probability that each drawn density and the point masses beside it hold: (the mark's name, probability)."""
    found = []
    for line in ax.lines:
        if line.get_gid() in LINES and len(line.get_xdata()) > 2:  # a fan marks points of a prior
            area = np.trapezoid(line.get_ydata(), along(ax, line.get_xdata()))
            found.append((line.get_gid(), area + _masses(ax, line.get_gid(), line.get_color())))
    for filled in ax.collections:
        if filled.get_gid() in AREAS:
            (path,) = filled.get_paths()
            gid, color = filled.get_gid(), filled.get_facecolor()[0]
            found.append(
                (gid, _enclosed(along(ax, path.vertices[:, 0]), path.vertices[:, 1]) + _masses(ax, gid, color))
            )
    return found


def _masses(ax, gid, color):
    """The probability of the point masses that are drawn in the colour of a density, or that a prior had."""
    if gid == "prior":
        return sum(np.sum(line.get_ydata()) / STEM for line in ax.lines if line.get_gid() == "prior mass")
    segments = [
        s
        for c in ax.collections
        if c.get_gid() == "values" and to_hex(c.get_colors()[0]) == to_hex(color)
        for s in c.get_segments()
    ]
    if gid == "ridge":
        return sum((s[0][1] - s[1][1]) / HILL for s in segments)
    return sum((s[1][1] - s[0][1]) / (1.0 - s[0][1]) / STEM for s in segments)


def _enclosed(x, y):
    """The area of a polygon."""
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def heights_of(ax):
    """How many pixels a density of 1 is high, for each ridge and what is filled beneath it."""
    standing = [a for a in ax.lines if a.get_gid() == "ridge"]
    standing += [a for a in ax.collections if a.get_gid() == "hill"]
    x = ax.get_xlim()[0]
    return [float(np.diff(a.get_transform().transform([(x, 0.0), (x, 1.0)])[:, 1])[0]) for a in standing]
