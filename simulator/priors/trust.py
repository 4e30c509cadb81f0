"""How far to trust a set's intervals: what they earned against published models that they had not seen.

A set tells it in a table `[calibration]`: the cases that were used, the priors that it holds for (those of this very
file: one that is set anew loses it), and the scores, which leaving out a family of models at a time has earned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.errors import InputError, clean, nearest, quote
from .files import origin_of
from .prior import Prior
from .trends import Trend

SIDES = ("training", "inference")
UNTESTED = "number has tested these intervals"
LATER = "Of later years that says nothing: `simulate backtest` holds trends against published growth."
_KEYS = {"cases", "priors", *SIDES}
_SCORES = {"values", "held_50", "held_80", "held_90", "crps", "log_width", "median_factor", "bias"}
_COUNTS = {"values", "held_50", "held_80", "held_90"}


def checked(path: Path, table: Any, mistakes: list[str]) -> dict[str, Any]:
    """The table of a file, with the file's name; what is wrong with it goes to the list."""
    where, found = f"{path}: calibration", len(mistakes)
    if not isinstance(table, dict):
        mistakes.append(f"{where}: must be a table, as in [calibration]")
        return {}
    mistakes += [f"{where}: {quote(k)} is not a key of it; {nearest(k, _KEYS)}" for k in table if k not in _KEYS]
    for key in ("cases", "priors"):
        names = table.get(key, [])
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            mistakes.append(f'{where}.{key}: {quote(names)} is not a list of names, as in ["a", "b"]')
    for side in SIDES:
        mistakes += _wrong(f"{where}.{side}", table.get(side, {}))
    if len(mistakes) > found:
        return {}
    named = {key: [clean(n) for n in table.get(key, [])] for key in ("cases", "priors")}
    return {**table, **named, "file": origin_of(path)}


def stored(table: Any) -> dict[str, Any]:
    """The table of a stored set; raises InputError for what `checked` cannot have given."""
    mistakes, file = list[str](), table.get("file", "") if isinstance(table, dict) else None
    if table == {}:
        return {}
    if not isinstance(file, str) or not file:
        raise InputError("the calibration of a set names no file")
    found = checked(Path("run.json"), {k: v for k, v in table.items() if k != "file"}, mistakes)
    if mistakes:
        raise InputError(*mistakes)
    return {**found, "file": clean(file)}


def _wrong(where: str, scores: Any) -> list[str]:
    if not isinstance(scores, dict):
        return [f"{where}: must be a table of scores"]
    wrong = [f"{where}: {quote(k)} is not a score; {nearest(k, _SCORES)}" for k in scores if k not in _SCORES]
    for key, value in scores.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
        if key in _SCORES and not (number and (key not in _COUNTS or isinstance(value, int))):
            wrong.append(f"{where}.{key}: {quote(value)} is no {'count' if key in _COUNTS else 'score'}")
    if not wrong and any(scores.get(key, 0) > scores.get("values", 0) for key in _COUNTS):
        wrong.append(f"{where}: more values are held than there are")
    return wrong


def earned(priors: Mapping[str, Prior], calibration: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The scores by side that a set still has: none where a prior that they hold for is another one."""
    if not calibration or any(
        name not in priors or priors[name].origin != calibration["file"] for name in calibration["priors"]
    ):
        return {}
    return {side: dict(calibration[side]) for side in SIDES if calibration.get(side, {}).get("values")}


def line(
    priors: Mapping[str, Prior],
    calibration: Mapping[str, Any],
    tested: str,
    years: Sequence[int] = (),
    trends: Mapping[str, Trend] | None = None,
) -> str:
    """How far the intervals can be trusted, in one line: the same words everywhere.

    `tested` is a set of the same model whose intervals were tested; empty where there is none. What tested them was no
    trend, which is said where `trends` lead through `years`.
    """
    told = _tested(earned(priors, calibration), tested)
    starts = [t.start for t in (trends or {}).values()]
    return f"{told} {LATER}" if starts and any(year > min(starts) for year in years) else told


def _tested(scores: Mapping[str, Mapping[str, float]], tested: str) -> str:
    if not scores:
        return f"Trust: no published {f'model has tested these intervals; ask {tested}' if tested else UNTESTED}."
    told = [f"{s['held_90']} of {s['values']} in {side}" for side, s in scores.items()]
    return f"Trust: the 90 % intervals of GPU time held unseen published models, {', '.join(told)}."
