"""Expressions of Python as expressions of JavaScript, over the small runtime of `runtime.js`.

A plain subset: what the wings of distributions and priors are written in. Operators become calls ($add, $lt), since in
Python they work on arrays, texts and lists; what is not of the subset raises Untranslatable with its place.
"""

from __future__ import annotations

import ast
import json

RESERVED = frozenset(
    "abstract arguments await boolean byte case catch char const debugger default delete do double enum eval export "
    "extends final float function goto implements instanceof int interface let long native new null package private "
    "protected public short static super switch synchronized this throw throws transient typeof undefined var void "
    "TypeError RangeError Error volatile with yield Map Set Math Number String Array Object".split()
)
LIBRARIES = ("np", "math", "re", "json", "inspect")  # imported as a whole
BINARY = {
    ast.Add: "$add",
    ast.Sub: "$sub",
    ast.Mult: "$mul",
    ast.Div: "$div",
    ast.FloorDiv: "$floordiv",
    ast.Mod: "$mod",
    ast.Pow: "$pow",
    ast.MatMult: "$matmul",
    ast.BitAnd: "$band",
    ast.BitOr: "$bor",
    ast.BitXor: "$bxor",
    ast.LShift: "$shl",
    ast.RShift: "$shr",
}
COMPARE = {
    ast.Lt: "$lt",
    ast.LtE: "$le",
    ast.Gt: "$gt",
    ast.GtE: "$ge",
    ast.Eq: "$eq",
    ast.NotEq: "$ne",
    ast.In: "$in",
    ast.NotIn: "$notin",
    ast.Is: "$is",
    ast.IsNot: "$isnot",
}


class Untranslatable(ValueError):
    """A construct that is not of the subset, with its place in the source."""


def refuse(node: ast.AST, where: str = "") -> Untranslatable:
    """That a construct cannot be translated."""
    line = getattr(node, "lineno", 0)
    return Untranslatable(f"{where}:{line}: {type(node).__name__} ({ast.unparse(node)[:60]}) has no translation")


def named(name: str) -> str:
    """A name of Python as one of JavaScript."""
    return f"{name}$" if name in RESERVED else name


def text(value: str) -> str:
    """A text as a literal that may stand in a page's script: no end tag begins in it."""
    return json.dumps(value, ensure_ascii=True).replace("</", "<\\/").replace("<!--", "<\\!--")


class Expressions(ast.NodeVisitor):
    """One visitor method for each kind of expression; each returns JavaScript."""

    where = ""

    def generic_visit(self, node: ast.AST) -> str:
        raise refuse(node, self.where)

    def of(self, node: ast.AST) -> str:
        """The JavaScript of a node."""
        made: str = self.visit(node)
        return made

    def truth(self, node: ast.expr) -> str:
        """A condition."""
        if isinstance(node, ast.BoolOp):
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return f"({sign.join(self.truth(v) for v in node.values)})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"!{self.truth(node.operand)}"
        return f"$t({self.of(node)})"

    def visit_Constant(self, node: ast.Constant) -> str:
        value = node.value
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, str):
            return text(value)
        if isinstance(value, int | float):
            return repr(value)
        if value is ...:
            return "$ellipsis"
        raise refuse(node, self.where)

    def visit_Name(self, node: ast.Name) -> str:
        return named(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> str:
        plain = isinstance(node.ctx, ast.Store) or (isinstance(node.value, ast.Name) and node.value.id in LIBRARIES)
        owner = self.of(node.value)
        return f"{owner}.{node.attr}" if plain else f"$attr({owner}, {text(node.attr)})"

    def visit_Starred(self, node: ast.Starred) -> str:
        return f"...$it({self.of(node.value)})"

    def visit_Tuple(self, node: ast.Tuple) -> str:
        return f"[{', '.join(map(self.of, node.elts))}]"

    visit_List = visit_Tuple  # type: ignore[assignment]

    def visit_Set(self, node: ast.Set) -> str:
        return f"$set_of([{', '.join(map(self.of, node.elts))}])"

    def visit_Dict(self, node: ast.Dict) -> str:
        pairs = [
            f"...$it({self.of(v)}.items())" if k is None else f"[{self.of(k)}, {self.of(v)}]"
            for k, v in zip(node.keys, node.values, strict=True)
        ]
        return f"$dict_of([{', '.join(pairs)}])"

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            return f"!{self.truth(node.operand)}"
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return f"(-{self.of(node.operand)})"
        sign = {ast.USub: "$neg", ast.UAdd: "", ast.Invert: "$invert"}[type(node.op)]
        return f"{sign}({self.of(node.operand)})"

    def visit_BinOp(self, node: ast.BinOp) -> str:
        return f"{BINARY[type(node.op)]}({self.of(node.left)}, {self.of(node.right)})"

    def visit_BoolOp(self, node: ast.BoolOp) -> str:
        *first, last = node.values
        made = self.of(last)
        for value in reversed(first):
            made = f"${type(node.op).__name__.lower()}({self.of(value)}, () => {made})"
        return made

    def visit_Compare(self, node: ast.Compare) -> str:
        if len(node.ops) == 1:
            return self._compared(node.ops[0], self.of(node.left), self.of(node.comparators[0]))
        values = [self.of(v) for v in (node.left, *node.comparators)]
        inner = "$x[0]", *(f"$x[{i}]" for i in range(1, len(values)))
        tests = [f"$t({self._compared(op, inner[i], inner[i + 1])})" for i, op in enumerate(node.ops)]
        return f"(($x) => {' && '.join(tests)})([{', '.join(values)}])"

    @staticmethod
    def _compared(op: ast.cmpop, left: str, right: str) -> str:
        return f"{COMPARE[type(op)]}({left}, {right})"

    def visit_IfExp(self, node: ast.IfExp) -> str:
        return f"({self.truth(node.test)} ? {self.of(node.body)} : {self.of(node.orelse)})"

    def visit_NamedExpr(self, node: ast.NamedExpr) -> str:
        return f"({self.of(node.target)} = {self.of(node.value)})"

    def visit_Subscript(self, node: ast.Subscript) -> str:
        return f"$get({self.of(node.value)}, {self.index(node.slice)})"

    def index(self, node: ast.expr) -> str:
        """What stands between the brackets: several places, one for each axis, are told from a list of places."""
        return f"$at({self.of(node)[1:-1]})" if isinstance(node, ast.Tuple) else self.of(node)

    def visit_Slice(self, node: ast.Slice) -> str:
        ends = ["null" if part is None else self.of(part) for part in (node.lower, node.upper, node.step)]
        return f"$slice({', '.join(ends)})"

    def visit_Lambda(self, node: ast.Lambda) -> str:
        defaults = dict(zip([a.arg for a in node.args.args][::-1], node.args.defaults[::-1], strict=False))
        parts = [
            f"{named(a.arg)} = {self.of(defaults[a.arg])}" if a.arg in defaults else named(a.arg)
            for a in node.args.args
        ]
        return f"(({', '.join(parts)}) => {self.of(node.body)})"

    def visit_JoinedStr(self, node: ast.JoinedStr) -> str:
        parts = [self.of(v) for v in node.values]
        return f"$join([{', '.join(parts)}])"

    def visit_FormattedValue(self, node: ast.FormattedValue) -> str:
        spec = self.of(node.format_spec) if node.format_spec else '""'
        value = self.of(node.value)
        return f"$format({f'$repr({value})' if node.conversion == ord('r') else value}, {spec})"

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> str:
        return self._gathered(node.generators, f"$r.push({self.of(node.elt)});", "[]", "$r")

    visit_GeneratorExp = visit_ListComp

    def visit_SetComp(self, node: ast.SetComp) -> str:
        return self._gathered(node.generators, f"$r.push({self.of(node.elt)});", "[]", "$set_of($r)")

    def visit_DictComp(self, node: ast.DictComp) -> str:
        return self._gathered(
            node.generators, f"$r.push([{self.of(node.key)}, {self.of(node.value)}]);", "[]", "$dict_of($r)"
        )

    def _gathered(self, generators: list[ast.comprehension], body: str, start: str, made: str) -> str:
        """A comprehension: loops within a function of their own, whose names are theirs."""
        for part in reversed(generators):
            tests = "".join(f"if (!{self.truth(test)}) continue; " for test in part.ifs)
            body = f"for (const {self.target(part.target)} of $it({self.of(part.iter)})) {{ {tests}{body} }}"
        return f"(() => {{ const $r = {start}; {body} return {made}; }})()"

    def target(self, node: ast.expr) -> str:
        """What a value is taken apart into: a name, or a pattern of names."""
        if isinstance(node, ast.Name):
            return named(node.id)
        if isinstance(node, ast.Tuple | ast.List):
            return f"[{', '.join(map(self.target, node.elts))}]"
        if isinstance(node, ast.Starred):
            return f"...{self.target(node.value)}"
        if isinstance(node, ast.Attribute):
            return self.of(node)
        raise refuse(node, self.where)

    def visit_Yield(self, node: ast.Yield) -> str:
        return f"yield {self.of(node.value) if node.value else 'null'}"

    def visit_YieldFrom(self, node: ast.YieldFrom) -> str:
        return f"yield* $it({self.of(node.value)})"

    def visit_Call(self, node: ast.Call) -> str:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return "$super"
        method = isinstance(node.func, ast.Attribute)
        function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        head = [self.of(function), *([text(node.func.attr)] if isinstance(node.func, ast.Attribute) else [])]
        arguments = [self.of(a) for a in node.args]
        if head[0] == "$super":
            return f"$upper($class, self, {head[1]}, [{', '.join(arguments)}])"
        if node.keywords:
            words = [
                f"...$it({self.of(k.value)}.items())" if k.arg is None else f"[{text(k.arg)}, {self.of(k.value)}]"
                for k in node.keywords
            ]
            return f"{'$mk' if method else '$k'}({', '.join(head)}, [{', '.join(arguments)}], [{', '.join(words)}])"
        return f"{'$m' if method else '$c'}({', '.join([*head, *arguments])})"
