"""Text and YAML."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

FILE: Final = Rule("file-unreadable", "The file does not exist, cannot be read or is larger than 1 MiB.")
MERGE: Final = Rule("merge-conflict", "A git merge left both sides in the file.")
UTF8: Final = Rule("not-utf8", "Pipeline and list files are UTF-8 text.")
SYNTAX: Final = Rule("yaml-syntax", "The text is not YAML 1.2.")
DUPLICATE_KEY: Final = Rule("yaml-duplicate-key", "A mapping names the same key twice.")
ALIAS: Final = Rule("yaml-alias", "Anchors, aliases and merge keys are not part of the language.")
TAG: Final = Rule("yaml-tag", "Tags are not part of the language.")
TOO_DEEP: Final = Rule("yaml-too-deep", "The file is nested deeper than 64 levels.")
TOO_LARGE: Final = Rule("yaml-too-large", "The file has more than 250,000 YAML nodes.")
NUMBER: Final = Rule("yaml-number", "A number is not finite or has too many digits.")


@FILE.error
def unreadable_file(path: object, why: str | None, guess: object = "") -> Text:
    """guess: a file of a similar name that is there."""
    return (
        f"cannot read {path}: {why}",
        f"did you mean `{guess}`?" if guess else "check the path and its permissions",
    )


@FILE.error
def large_file(path: object, kib: int) -> Text:
    return (
        f"{path} is larger than {kib} KiB",
        "move long lists into a CSV, JSON or YAML file and name it as the input's default",
    )


@MERGE.error
def conflict_marks() -> Text:
    return (
        "git could not merge this file: both sides are in it, between `<<<<<<<` and `>>>>>>>`",
        "keep what is right, delete the marks, and `git add` the file",
    )


@UTF8.error
def not_utf8(byte: int) -> Text:
    return f"byte {byte} is not UTF-8", "save the file as UTF-8"


@SYNTAX.error
def not_yaml(problem: str) -> Text:
    return problem, "look at the indentation, and at quotes and brackets that were opened before this"


@SYNTAX.error
def unquoted_expression(problem: str, inner: str) -> Text:
    quote = "'" if '"' in inner else '"'
    text = f"{quote}${{{{ {inner} }}}}{quote}"
    return problem, f"inside `{{ }}` and `[ ]`, text with an expression is quoted: `{text}`"


@SYNTAX.error
def open_quote(mark: str) -> Text:
    return (
        f"the text that begins here has no closing {mark}",
        f"write {mark} at its end, or remove the one here",
    )


@SYNTAX.error
def colon_in_text(problem: str) -> Text:
    return (
        problem,
        "quote the text if it contains `: `, or check that the line is indented like its neighbours",
    )


@SYNTAX.error
def no_colon(problem: str) -> Text:
    return problem, "a key needs a colon; a long text needs quotes or a `|` block"


@SYNTAX.error
def tab() -> Text:
    return "a tab cannot indent YAML", "indent with spaces"


@SYNTAX.error
def control_character() -> Text:
    return (
        "a control character stands in the file",
        "remove it, or write it as an escape in double quotes",
    )


@SYNTAX.error
def second_document() -> Text:
    return "a file holds one pipeline; this starts a second document", "remove the `---`"


@DUPLICATE_KEY.error
def duplicate_key(key: str, line: int) -> Text:
    return f"`{key}` is already set on line {line}", "keep one of the two"


@ALIAS.error
def alias() -> Text:
    return "aliases are not part of the language", "write the value out; share text through `inputs`"


@ALIAS.error
def anchor() -> Text:
    return "anchors are not part of the language", "write the value out; share text through `inputs`"


@ALIAS.error
def merge_key() -> Text:
    return "merge keys are not part of the language"


@TAG.error
def tag(name: str) -> Text:
    return (
        f"tags such as {name} are not part of the language",
        "remove the tag; quote the value to make it text",
    )


@TOO_DEEP.error
def too_deep(levels: int) -> Text:
    return f"nesting goes deeper than {levels} levels"


@TOO_LARGE.error
def too_many_yaml_nodes(limit: int) -> Text:
    return f"the file has more than {limit:,} YAML nodes", "move long lists into a CSV file"


@NUMBER.error
def long_number(digits: int) -> Text:
    return f"a number of {digits} digits", "quote it to make it text"


@NUMBER.error
def infinite_number(text: str) -> Text:
    return f"{text} is not a finite number", "quote it to make it text"
