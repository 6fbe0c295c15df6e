"""The catalogue of rules: every rule has messages, every message is said somewhere, and codes are unique."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import callsheet
from callsheet.spec import rules
from callsheet.spec.rules.catalogue import by_subject, rules_of
from callsheet.spec.rules.rule import Rule

SUBJECTS = [m.name for m in pkgutil.iter_modules(rules.__path__) if m.name not in ("rule", "catalogue")]
CODE = Path(callsheet.__file__).parent
CATALOGUE = CODE / "spec" / "rules"


def module(subject: str) -> ModuleType:
    return importlib.import_module(f"{rules.__name__}.{subject}")


def messages(subject: str) -> dict[str, str]:
    """Function that writes a message → the constant of its rule."""
    found = {}
    for statement in ast.parse((CATALOGUE / f"{subject}.py").read_text("utf-8")).body:
        if isinstance(statement, ast.FunctionDef) and statement.decorator_list:
            (mark,) = statement.decorator_list
            assert isinstance(mark, ast.Attribute) and isinstance(mark.value, ast.Name), statement.name
            found[statement.name] = mark.value.id
    return found


def said() -> set[tuple[str, str]]:
    """(subject, function) of every message that the code outside of the catalogue asks for."""
    found = set()
    for path in CODE.rglob("*.py"):
        if path.parent == CATALOGUE:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "callsheet.spec.rules"
            for alias in node.names
        }
        found |= {
            (names[node.value.id], node.attr)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
        }
    return found


def test_every_message_is_said() -> None:
    written = {(subject, name) for subject in SUBJECTS for name in messages(subject)}
    assert written == written & said()


def test_every_rule_has_a_message() -> None:
    for subject in SUBJECTS:
        own = {name for name, value in vars(module(subject)).items() if isinstance(value, Rule)}
        assert own == set(messages(subject).values()), subject


def test_a_code_belongs_to_one_rule_and_every_rule_is_in_the_catalogue() -> None:
    listed = [rule.code for found in by_subject().values() for rule in found]
    every = {id(rule): rule.code for subject in SUBJECTS for rule in rules_of(module(subject))}
    assert sorted(listed) == sorted(every.values())
