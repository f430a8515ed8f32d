"""No module of the package imports itself by way of others: each can be understood from below."""

import ast
import unittest
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "hotplex"


def imported(source):
    """The modules of the package that a module's text imports, also those for type checkers alone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            yield from [node.module] if node.module else [alias.name for alias in node.names]


def circles(imports):
    """The modules that lead back to themselves."""

    def reached(start):
        seen, open_ = set(), list(imports[start])
        while open_:
            module = open_.pop()
            if module not in seen:
                seen.add(module)
                open_.extend(imports.get(module, ()))
        return seen

    return sorted(module for module in imports if module in reached(module))


class Imports(unittest.TestCase):
    def test_no_module_is_in_a_circle(self):
        sources = {path.stem: path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")}
        imports = {module: set(imported(source)) for module, source in sources.items()}
        self.assertGreater(sum(map(len, imports.values())), 30, "the imports were found")
        self.assertEqual(circles(imports), [])

    def test_a_circle_is_found(self):
        sources = {
            "a": "from .b import B",
            "b": "if TYPE_CHECKING:\n    from . import c",
            "c": "def f():\n    from .a import A",
            "d": "from .a import A",
        }
        imports = {module: set(imported(source)) for module, source in sources.items()}
        self.assertEqual(circles(imports), ["a", "b", "c"])
