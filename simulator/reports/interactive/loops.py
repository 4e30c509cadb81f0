"""The element-wise functions of the page's arrays: one loop for each, written out so that a browser makes it quick."""

from __future__ import annotations

BINARY = {
    "add": "p + q",
    "subtract": "p - q",
    "multiply": "p * q",
    "divide": "p / q",
    "floor_divide": "Math.floor(p / q)",
    "mod": "p - Math.floor(p / q) * q",
    "power": "p ** q",
    "maximum": "p !== p || p > q ? p : q",
    "minimum": "p !== p || p < q ? p : q",
    "ldexp": "p * 2 ** q",
}
TESTS = {
    "less": "p < q",
    "less_equal": "p <= q",
    "greater": "p > q",
    "greater_equal": "p >= q",
    "equal": "p === q",
    "not_equal": "p !== q",
    "logical_and": "p && q",
    "logical_or": "p || q",
}
UNARY = {
    "negative": "-p",
    **{name: f"Math.{name}(p)" for name in "abs exp log log1p expm1 sqrt cbrt sinh cosh tanh sign".split()},
}
CHECKS = {"isfinite": "p - p === 0", "isnan": "p !== p", "isinf": "p === Infinity || p === -Infinity"}
TWO = """  {name}: (x, y) => {{
    const a = $asarray(x), b = $asarray(y);
    if (a.size === 1 && b.size === 1 && a.ndim <= 1 && b.ndim <= 1) {{
      const p = a.data[0], q = b.data[0], v = {test}({value});
      return a.ndim || b.ndim ? new $Array({kind}.of(v), [1], {bool}) : v;
    }}
    const shape = $together(a.shape, b.shape), u = $spread(a, shape), v = $spread(b, shape);
    const n = $size(shape), o = new {kind}(n), s = +(a.size > 1), t = +(b.size > 1);
    for (let i = 0; i < n; i++) {{ const p = u[i * s], q = v[i * t]; o[i] = {value}; }}
    return new $Array(o, shape, {bool});
  }},"""
ONE = """  {name}: (x) => {{
    if (typeof x === "number") {{ const p = x; return {test}({value}); }}
    const a = $asarray(x), u = a.data, n = u.length, o = new {kind}(n);
    for (let i = 0; i < n; i++) {{ const p = u[i]; o[i] = {value}; }}
    return a.ndim ? new $Array(o, a.shape, {bool}) : {test}(o[0]);
  }},"""
NUMBER = {"kind": "Float64Array", "bool": "false", "test": ""}
TRUTH = {"kind": "Uint8Array", "bool": "true", "test": "!!"}


def loops() -> str:
    """All of them, as the properties of one object."""
    made = [
        form.format(name=name, value=value, **kind)
        for form, table, kind in (
            (TWO, BINARY, NUMBER),
            (TWO, TESTS, TRUTH),
            (ONE, UNARY, NUMBER),
            (ONE, CHECKS, TRUTH),
        )
        for name, value in table.items()
    ]
    return "const $loops = {\n" + "\n".join(made) + "\n};"
