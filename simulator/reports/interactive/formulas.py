"""The formulas of the compute model as loops in JavaScript, translated from their own source."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...compute.graph import Model, Quantity
from .expressions import Untranslatable

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
FUNCTIONS = {"minimum": "min", "maximum": "max"} | {n: n for n in "cbrt exp expm1 log log1p sign".split()}


def kernel(q: Quantity) -> str:
    """A function of the count of draws and of an array for each input, of all draws or of one value.

    Names, numbers, + - * / ** and NumPy's minimum, maximum, cbrt, exp, expm1, log, log1p and sign have a translation.
    Raises Untranslatable for anything else.
    """
    try:
        written = ast.parse(q.formula, mode="eval").body
    except SyntaxError:
        raise Untranslatable(f"{q.name} is a function of several statements, and a page computes with one") from None
    value = _translated(written, q)
    arrays = ", ".join(f"v{i}" for i in range(len(q.inputs)))
    steps = "".join(f", s{i} = +(v{i}.length > 1)" for i in range(len(q.inputs)))
    return (
        f"(n, {arrays}) => {{ const o = new Float64Array(n){steps}; "
        f"for (let i = 0; i < n; i++) o[i] = {value}; return o; }}"
    )


def _translated(node: ast.expr, q: Quantity) -> str:
    def inner(part: ast.expr) -> str:
        return _translated(part, q)

    if isinstance(node, ast.Name) and node.id in q.inputs:
        i = q.inputs.index(node.id)
        return f"v{i}[i * s{i}]"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return repr(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        return f"({inner(node.left)} {SIGNS[type(node.op)]} {inner(node.right)})"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"(-{inner(node.operand)})"
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "np"
        and node.func.attr in FUNCTIONS
        and not node.keywords
    ):
        return f"Math.{FUNCTIONS[node.func.attr]}({', '.join(map(inner, node.args))})"
    raise Untranslatable(
        f"the formula of {q.name} holds {ast.unparse(node)!r}, which has no translation: a page computes with names, "
        f"numbers, + - * / ** and np.{', np.'.join(FUNCTIONS)}"
    )


def kernels(models: Iterable[Model]) -> str:
    """The kernels of all quantities of some models, by variant and name."""
    told = []
    for m in models:
        made = ",\n".join(f'"{q.name}": {kernel(q)}' for q in m.quantities.values())
        told.append(f'"{m.key}": {{\n{made}\n}}')
    return f"const $kernels = {{\n{',\n'.join(told)}\n}};"
