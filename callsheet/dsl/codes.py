"""Every diagnostic code with its one line of documentation. docs/rules.md is made from this."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # text and YAML
    "file-unreadable": "The file does not exist, cannot be read or is larger than 1 MiB.",
    "not-utf8": "Pipeline and list files are UTF-8 text.",
    "yaml-syntax": "The text is not YAML 1.2.",
    "yaml-duplicate-key": "A mapping names the same key twice.",
    "yaml-alias": "Anchors, aliases and merge keys are not part of the language.",
    "yaml-tag": "Tags are not part of the language.",
    "yaml-too-deep": "Nesting goes deeper than 64 levels.",
    "yaml-too-large": "The file has more than 250,000 YAML nodes.",
    "yaml-number": "A number is not finite or has too many digits.",
    # the document
    "language-version": "The file starts with `callsheet: 1`.",
    "missing-key": "A key that the language requires is not there.",
    "unknown-key": "The language has no such key here.",
    "wrong-shape": "A mapping, a list or a plain value was expected here.",
    "bad-name": "Identifiers are `[a-z][a-z0-9_]*` and not reserved.",
    "name-clash": "A node, an axis and a reserved word may not share a name.",
    "not-supported": "Part of the language that this version does not run yet.",
    "bad-option": "An option (cache, retry, timeout, budget, …) has no such value.",
    # the lock file
    "lock-conflict": "A merge left both sides in a lock file.",
    "lock-empty": "A lock file says nothing of an instance that it names.",
    "lock-value": "A lock file holds digests, prices and decisions as callsheet writes them.",
    # inputs
    "bad-type": "The type of an input or field cannot be read.",
    "input-value": "A value given for an input does not fit its type.",
    "input-missing": "An input without a default was not given.",
    "input-unknown": "`--set` or `--inputs` names an input that the pipeline does not have.",
    "list-file": "A list file cannot be read as CSV, TSV, JSON or YAML.",
    "list-column": "A list file lacks a column that the items need.",
    "local-file": "A local file does not exist or lies outside the project.",
    "local-media": "A local file is not the kind of media that it is used as.",
    # expressions
    "expression-syntax": "The text between `${{` and `}}` is not an expression.",
    "expression-forbidden": "Expressions have no such construct, function or filter.",
    "expression-too-large": "An expression is too long, too deep, or yields too much.",
    "undefined-name": "No input, axis, node or function has this name in this place.",
    "unknown-field": "The value has no such field; a node, no such output.",
    "expression-type": "An operation does not fit the types of its operands.",
    "text-value": "Only text and numbers can be pasted into text.",
    "late-value": "This place needs a value before the run; an output is known only after it.",
    # axes and instances
    "axis-list": "An axis ranges over a list that is known before the run.",
    "axis-key": "Keys of an axis are distinct, non-empty text or whole numbers.",
    "unknown-axis": "`each`, `next`, `prev` or `axis` names an axis that does not exist here.",
    "no-axis": "`next`, `prev` and `at` need an axis that both nodes share.",
    "no-such-key": "`at()` asks for a key that the axis does not have.",
    "absent-value": "A value is absent (no neighbour, skipped instance) where one is required.",
    "no-such-take": "A take is picked that does not exist (any more).",
    "when-boolean": "`when` is true or false; there is no truthiness.",
    "cycle": "Instances wait for each other in a circle.",
    "too-many-instances": "The product of the axes has more than a million instances.",
    # recipes
    "recipe-missing": "The recipe that `uses` names is not there, or cannot be used from here.",
    "recipe-circle": "A recipe uses itself, directly or through others, or recipes nest too deep.",
    "recipe-secret": "A recipe from elsewhere names an environment variable.",
    # nodes and models
    "answer-schema": "`schema` lists the fields of a language model's answer, as inputs list theirs.",
    "unknown-uses": "`uses` names nothing that callsheet knows.",
    "bad-plug-in": "A plug-in cannot be used: it breaks at import, or the function is no node.",
    "untrusted-code": "A code file beside a pipeline runs only when the person running says `--trust`.",
    "retired-endpoint": "The endpoint left its provider's list; a replacement is named.",
    "unknown-parameter": "The model has no such parameter.",
    "missing-parameter": "The model requires this parameter.",
    "parameter-type": "The model takes another type here.",
    "parameter-choice": "The model takes one of a few listed values here.",
    "parameter-range": "The value is outside the model's range.",
    "parameter-length": "A text or list is longer or shorter than the model takes.",
    "media-kind": "A medium of the wrong kind is connected (a video into an image port).",
    "media-length": "A medium is longer or shorter than the model accepts.",
    "media-size": "A picture has another size or shape than the model accepts.",
    "too-long": "No length that the model makes is long enough.",
    "speech-length": "The narration cannot be said within its shot.",
    "model-rule": "The model does not take this combination of parameters.",
    "unused-input": "No expression uses this input.",
}
