"""What the labels of a figure say: the numbers that they show, and how exactly."""

import re

from simulator.plots.panels import numbers_of

LETTERS = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def said(label):
    """The number that a label shows, and half of its last digit."""
    text = label.translate(LOWERED).replace(",", "").removesuffix("%").strip()
    powers = re.fullmatch(r"(?:(-?[\d.]+)×)?(-?)10(-?\d+)", text) if re.search("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", label) else None
    if powers:
        lead, sign, power = powers.groups()
        digits, by = lead or f"{sign}1", 10.0 ** int(power)
    else:
        digits, letter = re.fullmatch(r"(-?[\d.]+)([kMBT]?)", text).groups()
        by = LETTERS[letter]
    return float(digits) * by, 0.5 * by * 10.0 ** -len(digits.partition(".")[2])


def ticks_of(axis):
    """The ticks of an axis that are in view, with the labels that are drawn at them."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    drawn = [(float(t.get_loc()), t.label1) for t in axis.get_major_ticks() if t.label1.get_visible()]
    shown = [(t, text.get_text()) for t, text in drawn if low - slack <= t <= high + slack]
    return [(t, text) for t, text in shown if text]


def written(ax):
    """The numbers along the axis of a small panel, with the texts that are written there."""
    return [(float(text.get_position()[0]), text.get_text()) for text in numbers_of(ax)]


def below(ax):
    """What is written below the numbers of a small panel."""
    (text,) = (text.get_text() for text in ax.texts if text.get_gid() == "below")
    return text
