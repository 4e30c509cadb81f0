"""Modules of this package as JavaScript, so that a page computes with the program's own families and words.

Nothing is written twice: functions and classes are translated statement by statement from their source by `ast`.
Annotations are left out but where they are read when the program runs (of the families' parameters).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .expressions import Expressions, Untranslatable, named, refuse, text

__all__ = ["Untranslatable", "module_name", "translated"]
LEFT_OUT = ("collections.abc", "typing", "types", "pathlib", "__future__")
TYPING = "$any"


def module_name(path: str) -> str:
    """The JavaScript name of a module: `$distributions_families`."""
    return "$" + path.replace(".", "_")


def translated(path: str, source: str, known: Iterable[str]) -> str:
    """The JavaScript of a module of the package, `path` being its dotted name within; `known` are those at hand.

    Raises Untranslatable for what is not of the subset.
    """
    return _Module(path, set(known)).js(ast.parse(source))


def _bound(statements: Sequence[ast.stmt]) -> list[str]:
    """The names that a function's statements bind, but for those of functions and classes within."""
    found: dict[str, None] = {}

    class Names(ast.NodeVisitor):
        def visit_Name(self, node: ast.Name) -> None:
            if isinstance(node.ctx, ast.Store):
                found[named(node.id)] = None

        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            found[named(node.name)] = None

        def visit_ClassDef(self, node: ast.ClassDef) -> None:
            found[named(node.name)] = None

        def _inner(self, node: ast.AST) -> None:
            """A comprehension's own names are its own; those of `:=` are the function's."""
            for part in ast.walk(node):
                if isinstance(part, ast.NamedExpr):
                    self.visit(part.target)

        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda = _inner

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            found.update(dict.fromkeys(named(a.asname or a.name) for a in node.names))

        def visit_Import(self, node: ast.Import) -> None:
            found.update(dict.fromkeys(named(a.asname or a.name) for a in node.names))

        def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
            if node.name:
                found[named(node.name)] = None
            self.generic_visit(node)

    for statement in statements:
        Names().visit(statement)
    return list(found)


class _Module(Expressions):
    """The statements of one module."""

    def __init__(self, path: str, known: set[str]):
        self.where, self.known, self.annotated = path, known, True

    def js(self, tree: ast.Module) -> str:
        """The whole module: a function that makes its names."""
        self.annotated = not any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in tree.body)
        names = _bound(tree.body)
        body = self.block(tree.body)
        shown = ", ".join(f'"{n.rstrip("$")}": {n}' for n in names)
        return (
            f"const {module_name(self.where)} = (() => {{\nlet {', '.join(names)};\n{body}\nreturn {{{shown}}};\n}})();"
        )

    def block(self, statements: Sequence[ast.stmt]) -> str:
        """Statements, one after the other."""
        return "\n".join(filter(None, map(self.of, statements)))

    def visit_Expr(self, node: ast.Expr) -> str:
        return "" if isinstance(node.value, ast.Constant) else f"{self.of(node.value)};"

    def visit_Pass(self, node: ast.Pass) -> str:
        return ""

    def visit_TypeAlias(self, node: ast.TypeAlias) -> str:
        return f"{self.of(node.name)} = {TYPING};"

    def visit_Import(self, node: ast.Import) -> str:
        made = []
        for a in node.names:
            if a.name.split(".")[0] not in ("inspect", "math", "re", "numpy", "json", "hashlib", "difflib", "textwrap"):
                raise refuse(node, self.where)
            made.append(f"{named(a.asname or a.name)} = $py.{a.name};")
        return "".join(made)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> str:
        if node.level:
            parts = self.where.split(".")[: -node.level]
            path = ".".join([*parts, *([node.module] if node.module else [])])
            made = []
            for a in node.names:
                inner = f"{path}.{a.name}" if path else a.name
                source = (
                    module_name(inner)
                    if inner in self.known
                    else (f"{module_name(path)}.{a.name}" if path in self.known else f"$outside({text(inner)})")
                )
                made.append(f"{named(a.asname or a.name)} = {source};")
            return "".join(made)
        if node.module in LEFT_OUT:
            kept = ("get_args", "get_origin", "UnionType", "TYPE_CHECKING")
            return "".join(
                f"{named(a.asname or a.name)} = {f'$py.typing.{a.name}' if a.name in kept else TYPING};"
                for a in node.names
                if node.module != "__future__"
            )
        return "".join(f"{named(a.asname or a.name)} = $py.{node.module}.{a.name};" for a in node.names)

    def visit_Assign(self, node: ast.Assign) -> str:
        value = self.of(node.value)
        if len(node.targets) == 1:
            return self.assigned(node.targets[0], value)
        return f"{{ const $v = {value}; {' '.join(self.assigned(t, '$v') for t in node.targets)} }}"

    def assigned(self, target: ast.expr, value: str) -> str:
        """A value put into a target."""
        if isinstance(target, ast.Subscript):
            return f"$set({self.of(target.value)}, {self.index(target.slice)}, {value});"
        if isinstance(target, ast.Tuple | ast.List) and any(isinstance(t, ast.Subscript) for t in target.elts):
            inner = "".join(self.assigned(t, f"$v[{i}]") for i, t in enumerate(target.elts))
            return f"{{ const $v = $list({value}); {inner} }}"
        made = self.target(target)
        return f"{made} = $list({value});" if made[0] == "[" else f"{made} = {value};"

    def visit_AnnAssign(self, node: ast.AnnAssign) -> str:
        return self.assigned(node.target, self.of(node.value)) if node.value else ""

    def visit_AugAssign(self, node: ast.AugAssign) -> str:
        name = {"$add": "$iadd", "$bor": "$ibor"}.get(self.binary(node.op), self.binary(node.op))
        value = f"{name}({self.read(node.target)}, {self.of(node.value)})"
        return self.assigned(node.target, value)

    @staticmethod
    def binary(op: ast.operator) -> str:
        """The function of an operator."""
        from .expressions import BINARY

        return BINARY[type(op)]

    def read(self, target: ast.expr) -> str:
        """The value of what is assigned to."""
        return self.of(target)

    def visit_Delete(self, node: ast.Delete) -> str:
        return "".join(
            f"$del({self.of(t.value)}, {self.index(t.slice)});" for t in node.targets if isinstance(t, ast.Subscript)
        )

    def visit_Return(self, node: ast.Return) -> str:
        return f"return {self.of(node.value) if node.value else 'null'};"

    def visit_If(self, node: ast.If) -> str:
        rest = f" else {{\n{self.block(node.orelse)}\n}}" if node.orelse else ""
        return f"if ({self.truth(node.test)}) {{\n{self.block(node.body)}\n}}{rest}"

    def visit_While(self, node: ast.While) -> str:
        return f"while ({self.truth(node.test)}) {{\n{self.block(node.body)}\n}}"

    def visit_For(self, node: ast.For) -> str:
        loop = f"for (const $i of $it({self.of(node.iter)})) {{\n{self.assigned(node.target, '$i')}\n{{body}}\n}}"
        if not node.orelse:
            return loop.replace("{body}", self.block(node.body))
        body = loop.replace("{body}", self.block(node.body).replace("break;", "{ $done = false; break; }"))
        return f"{{ let $done = true; {body}\nif ($done) {{\n{self.block(node.orelse)}\n}} }}"

    def visit_Break(self, node: ast.Break) -> str:
        return "break;"

    def visit_Continue(self, node: ast.Continue) -> str:
        return "continue;"

    def visit_With(self, node: ast.With) -> str:
        made = ast.unparse(node.items[0].context_expr)
        if not made.startswith("np.errstate"):
            raise refuse(node, self.where)
        return self.block(node.body)

    def visit_Raise(self, node: ast.Raise) -> str:
        return f"throw $raised({self.of(node.exc)});" if node.exc else "throw $e;"

    def visit_Try(self, node: ast.Try) -> str:
        caught = []
        for h in node.handlers:
            kinds = "null" if h.type is None else self.of(h.type)
            name = f"{named(h.name)} = $e; " if h.name else ""
            caught.append(f"if ($caught($e, {kinds})) {{ {name}\n{self.block(h.body)}\n}}")
        body = self.block([*node.body, *node.orelse])
        return f"try {{\n{body}\n}} catch ($e) {{ {' else '.join(caught)} else throw $e; }}"

    # functions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> str:
        made = self.function(node)
        for decorator in reversed(node.decorator_list):
            made = f"$c({self.of(decorator)}, {made})"
        return f"{named(node.name)} = {made};"

    def function(self, node: ast.FunctionDef, method: bool = False) -> str:
        """A function that knows the names of its parameters, and which of them may be left out."""
        a = node.args
        names = [*a.posonlyargs, *a.args, *a.kwonlyargs]
        positional = [*a.posonlyargs, *a.args]
        defaults = dict(zip([p.arg for p in positional][::-1], a.defaults[::-1], strict=False))
        defaults |= {p.arg: d for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
        if a.vararg and a.kwonlyargs:
            raise refuse(node, self.where)
        shown = [named(p.arg) for p in names]
        lines = [f"if ({named(n)} === undefined) {named(n)} = $d[{i}];" for i, n in enumerate(defaults)]
        if a.kwarg:
            shown.append(named(a.kwarg.arg))
            lines.append(f"if ({named(a.kwarg.arg)} === undefined) {named(a.kwarg.arg)} = $dict_of([]);")
        if a.vararg:
            shown.append(f"...{named(a.vararg.arg)}")
        own = [n for n in _bound(node.body) if n not in shown]
        head = f"let {', '.join(own)};\n" if own else ""
        body = f"{''.join(lines)}{head}{self.block(node.body)}\nreturn null;"
        told = [f'["{p.arg}", {"true" if p.arg in defaults else "false"}{self.annotation(p)}]' for p in names[method:]]
        kw = f', ["{a.kwarg.arg}"{self.annotation(a.kwarg) or ", null"}]' if a.kwarg else ", null"
        given = f"[{', '.join(map(self.of, defaults.values()))}]"
        inner = f"({', '.join(shown)}) => {{\n{body}\n}}"
        if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node)):
            inner = f"function* ({', '.join(shown)}) {{\n{body}\n}}"
        return (
            f"$def({text(node.name)}, (($d) => ({inner}))({given}), "
            f"[{', '.join(told)}]{kw}, {'true' if a.vararg else 'false'})"
        )

    def annotation(self, parameter: ast.arg) -> str:
        """What a parameter may be, where the program reads it."""
        if not self.annotated or parameter.annotation is None:
            return ""
        return f", () => {self.of(parameter.annotation)}"

    # classes

    def visit_ClassDef(self, node: ast.ClassDef) -> str:
        bases = [ast.unparse(b) for b in node.bases if ast.unparse(b) not in ("Protocol",)]
        fields = [s for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        kind = "namedtuple" if "NamedTuple" in bases else "plain"
        decorators = [ast.unparse(d) for d in node.decorator_list]
        if any(d.split("(")[0] == "dataclass" for d in decorators):
            kind = "dataclass"
        base = named(bases[0]) if bases and kind != "namedtuple" else "$py.object"
        members = []
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                members.append(self.member(statement))
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                members.append(f'["value", "{statement.targets[0].id}", {self.of(statement.value)}]')
        told = []
        for f in fields:
            name = f.target.id  # type: ignore[union-attr]
            default = f"() => {self.of(f.value)}" if f.value is not None else "null"
            if kind == "plain" and f.value is not None:
                members.append(f'["value", "{name}", {self.of(f.value)}]')
            told.append(f'["{name}", {default}]')
        listed = ",\n".join(members)
        shape = f'"{kind}", [{", ".join(told) if kind != "plain" else ""}]'
        name = named(node.name)
        return f"{name} = $class_of({text(node.name)}, {base}, {shape}, ($class) => [\n{listed}\n]);"

    def member(self, node: ast.FunctionDef) -> str:
        """A method: plain, of the class, a property."""
        marks = [ast.unparse(d) for d in node.decorator_list]
        kind = next((m for m in marks if m in ("staticmethod", "classmethod", "property", "cached_property")), "method")
        made = self.function(node, method=kind != "staticmethod")
        for decorator, mark in zip(node.decorator_list[::-1], marks[::-1], strict=True):
            if mark != kind:
                made = f"$c({self.of(decorator)}, {made})"
        return f'["{kind}", "{node.name}", {made}]'
