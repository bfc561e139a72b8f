"""What an import graph cannot say: rules about sources, each a function from a source to what breaks it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

LONGEST_FUNCTION = 25
LONGEST_FILE = 250

_BANNED_MODULES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
)
_BANNED_CLASSES = re.compile(r"(Manager|Helper|Helpers|Utils|Util|Impl)$")
_BANNED_FUNCTIONS = re.compile(r"^_?(process|handle)_(?!error$)[a-z]")
_PERSONAL = re.compile(
    r"(^|_)(e?mail|address|phone|tel|fax|birth\w*|birthday|contact\w*|person\w*|representative|resident|member"
    r"|individual|sex|gender|age|my_?number|serial)(_|$)"
)
_SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b",
    re.DOTALL,
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SILENT = frozenset(
    {
        tokenize.STRING,
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
)
#: Brackets and commas that only close what stands above them are layout, not length.
_LAYOUT = frozenset("()[]{},:")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def foreign_facts(service: str, source: str, facts: dict[str, set[str]]) -> list[str]:
    """Facts of other services that ``service`` makes itself; ``facts`` names every service's."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name: speaker
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contracts.")
        for speaker in [(node.module or "").split(".")[1]]
        for alias in node.names
        if speaker != service and alias.name in facts.get(speaker, set())
    }
    return [
        f"{node.func.id} of {imported[node.func.id]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in imported
    ]


def nouns_in(source: str, nouns: frozenset[str]) -> list[str]:
    """Words of the domain among the names of a source."""
    found = (name for node in ast.walk(ast.parse(source)) for name in _names(node))
    return sorted({word for name in found for word in _singular(name) if word in nouns})


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name


def _singular(name: str) -> Iterator[str]:
    words = [word.lower() for word in _WORDS.findall(name)]
    for word in (*words, "_".join(words)):
        yield word
        yield re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")


def personal_fields(source: str) -> list[str]:
    """Fields of a contract that look like something about a person."""
    return [
        statement.target.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and _PERSONAL.search(statement.target.id)
    ]


def long_functions(source: str) -> list[str]:
    """Functions that take more lines than a reader holds in view.

    Text and comments are not counted, nor are the plain arguments a call names one to a line: they are a
    table, not a course of events.
    """
    # Few are long with all their text; only for those is it worth while to look more closely.
    perhaps = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    spoken = _spoken_lines(source) - _table_lines(source) if perhaps else set[int]()
    return [
        f"{node.name} ({count} lines)"
        for node in perhaps
        if (count := _length(node, spoken)) > LONGEST_FUNCTION
    ]


def _length(node: Function, spoken: set[int]) -> int:
    inner = {
        line
        for child in ast.walk(node)
        if child is not node and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(child.lineno, (child.end_lineno or child.lineno) + 1)
    }
    body = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    return len([line for line in body if line in spoken and line not in inner])


def _spoken_lines(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]
        for token in tokens
        if token.type not in _SILENT and token.string not in _LAYOUT
    }


def _table_lines(source: str) -> set[int]:
    return {
        argument.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for argument in node.keywords
        if argument.lineno == argument.end_lineno and argument.lineno > node.lineno
    }


def is_long_file(source: str) -> bool:
    """Whether a file has outgrown one noun."""
    return len(source.splitlines()) > LONGEST_FILE


def banned_names(module: str, source: str) -> list[str]:
    """Names that refuse nothing and therefore say nothing."""
    found = [module] if module in _BANNED_MODULES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and _BANNED_CLASSES.search(node.name):
            found.append(node.name)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _BANNED_FUNCTIONS.match(
            node.name
        ):
            found.append(node.name)
    return found


def sql_in(source: str) -> list[str]:
    """Statements to a database that stand in a source."""
    return [
        " ".join(node.value.split())[:60]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _SQL.search(node.value)
    ]
