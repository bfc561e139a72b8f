"""The Japanese sentences of a source: its texts without docstrings, and its formatted texts with a gap for a value."""

import ast
from collections.abc import Iterator
from pathlib import Path

from gateway.portal.tongues.catalogue import japanese

_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def sentences_of(path: Path, call: str = "") -> set[str]:
    """Every Japanese text of a file, or only those in calls of one name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not call:
        return set(_texts(tree))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {text for node in calls if _name(node) == call for text in _texts(node)}


def _name(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(tree: ast.AST) -> Iterator[str]:
    apart = {id(part) for node in ast.walk(tree) for part in _no_sentences(node)}
    for node in ast.walk(tree):
        text = "" if id(node) in apart else _text(node)
        if japanese(text):
            yield text


def _no_sentences(node: ast.AST) -> list[ast.AST]:
    """Docstrings, and the parts of a formatted text."""
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in ast.walk(value)]
    first = node.body[0] if isinstance(node, _DOCUMENTED) and node.body else None
    return [first.value] if isinstance(first, ast.Expr) else []


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
