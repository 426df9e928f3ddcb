"""Names every point around an `await`, `async for` and `async with` of a module's source.

The list follows the code: a new await is a new pair of points. A point is named
`<module>.<qualname>:<what is awaited>#<n> <when>`, where `n` counts equal awaits of a function.
"""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BEFORE, AFTER = "before", "after"
AT, EACH, WITHIN = "__at_point__", "__each_point__", "__within_points__"
"""Names that the woven code calls; they are put into each woven module."""

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Weaver(ast.NodeTransformer):
    """Puts a point before and after each await that is `wanted`; `awaits` names all it met."""

    module: str
    wanted: Callable[[str], bool]
    awaits: list[str] = field(default_factory=list)
    _scope: list[str] = field(default_factory=list)
    _met: Counter[str] = field(default_factory=Counter)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Names of awaits hold the function they are in."""
        return self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """As above."""
        return self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """As above."""
        return self._inside(node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """`await x` becomes `(await before, await x, await after)[1]`."""
        name = self._named(node.value)
        self.generic_visit(node)
        if not self.wanted(name):
            return node
        steps = [_reach(name, BEFORE), node, _reach(name, AFTER)]
        taken = ast.Subscript(ast.Tuple(steps, ast.Load()), ast.Constant(1), ast.Load())
        return ast.fix_missing_locations(ast.copy_location(taken, node))

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        """Each step of the iteration has its points."""
        node.iter = self._wrapped(EACH, node.iter)
        self.generic_visit(node)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """As above."""
        if node.is_async:
            node.iter = self._wrapped(EACH, node.iter)
        self.generic_visit(node)
        return node

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        """Entering and leaving have their points."""
        for item in node.items:
            item.context_expr = self._wrapped(WITHIN, item.context_expr)
        self.generic_visit(node)
        return node

    def _inside(self, node: Scope) -> ast.AST:
        self._scope.append(node.name)
        self.generic_visit(node)
        self._scope.pop()
        return node

    def _wrapped(self, how: str, value: ast.expr) -> ast.expr:
        name = self._named(value)
        if not self.wanted(name):
            return value
        call = ast.Call(ast.Name(how, ast.Load()), [ast.Constant(name), value], [])
        return ast.fix_missing_locations(ast.copy_location(call, value))

    def _named(self, value: ast.expr) -> str:
        place = f"{self.module}.{'.'.join(self._scope)}:{_what(value)}"
        self._met[place] += 1
        self.awaits.append(f"{place}#{self._met[place]}")
        return self.awaits[-1]


def _reach(name: str, when: str) -> ast.expr:
    reached = ast.Constant(f"{name} {when}")
    return ast.Await(ast.Call(ast.Name(AT, ast.Load()), [reached], []))


def _what(value: ast.expr) -> str:
    """What is awaited, in a few characters: `store.save`, `asyncio.wait_for(producer.stop)`."""
    if not isinstance(value, ast.Call):
        return _short(value)
    called = _short(value.func)
    inner = value.args[0] if called.startswith("asyncio.") and value.args else None
    return f"{called}({_what(inner)})" if isinstance(inner, ast.Call) else called


def _short(value: ast.expr) -> str:
    text = ast.unparse(value).removeprefix("self.").lstrip("_")
    return "".join(text.split())[:60]


def woven(module: str, source: str, wanted: Callable[[str], bool]) -> tuple[Any, list[str]]:
    """The module's syntax tree with points in it, and the names of all its awaits."""
    weaver = Weaver(module, wanted)
    tree = weaver.visit(ast.parse(source))
    return tree, weaver.awaits
