"""Recipes: where they are, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from callsheet.spec import shell
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Type
from callsheet.spec.wording import a_type, paths_start

MISSING: Final = Rule("recipe-missing", "The recipe does not exist, or cannot be used from here.")
CIRCLE: Final = Rule(
    "recipe-circle", "A recipe uses itself, directly or through others, or recipes are nested too deep."
)
GIT: Final = Rule("recipe-git", "The git URL or ref of a recipe is not accepted.")
MOVED: Final = Rule("recipe-moved", "The ref of a recipe has moved, or is gone; the pinned commit is used.")
CHANGED: Final = Rule("recipe-changed", "The files of a recipe do not have the digest in the lock file.")
SECRET: Final = Rule("recipe-secret", "A recipe from git names an environment variable.")
OVERRIDE: Final = Rule(
    "bad-override", "An override names a node inside of the recipe, and sets what that node can have."
)
REQUIRES: Final = Rule("recipe-requires", "The file works with this version of callsheet.")
HEAD: Final = Rule("recipe-head", "`version`, `requires`, `examples` or `override` of a file cannot be read.")

FORM: Final = "for example: `override: {keyframe: {uses: fal-ai/flux/dev, takes: 3}}`"
EXAMPLES: Final = "for example: `examples: {short: {shots: ./shots.csv}}`"


@MISSING.error
def unknown_shipped_recipe(uses: str, known: Iterable[str]) -> Text:
    names = list(known)
    return (
        f"no recipe that ships with callsheet is called `{uses}`",
        suggest(uses, names) or f"there are {', '.join(names)}",
    )


@MISSING.error
def unknown_recipe_source(uses: str) -> Text:
    _, name, path = uses.split("/", 2)
    return (
        f"the project has no name `{name}` for a place with recipes",
        f'say in callsheet.toml where `{path}` is: [recipes] {name} = "FOLDER", or "git+https://…@REF"',
    )


@MISSING.error
def source_name_from_elsewhere(uses: str) -> Text:
    _, name, path = uses.split("/", 2)
    return (
        f"a recipe from elsewhere cannot use `{name}`: a project gives such names to its own files only",
        f"name the repository: git+https://…@REF#{path}, or a file beside the recipe: ./{path}",
    )


@MISSING.error
def no_recipe_file(path: object, folder: object, guess: str) -> Text:
    """folder: where relative paths start. guess: a file there of a similar name; "" for none."""
    return f"there is no file {path}", f"did you mean `{guess}`?" if guess else paths_start(folder)


@MISSING.error
def recipe_not_seen(uses: str, why: object) -> Text:
    return f"cannot look at {uses!r}: {why}"


@MISSING.error
def recipe_outside_project(uses: str) -> Text:
    return f"{uses} lies outside the project", "copy it into the project"


@MISSING.error
def hidden_recipe(uses: str) -> Text:
    return f"{uses} begins with a dot, or lies in such a folder", "copy it under another name"


@MISSING.error
def recipe_outside_recipe(uses: str) -> Text:
    return (
        f"{uses} lies outside of what came with this recipe",
        "a recipe from elsewhere uses what lies beside it",
    )


@MISSING.error
def recipe_not_fetched(message: str, next_step: str) -> Text:
    return message, next_step


@MISSING.error
def recipe_not_here(pin: str, host: str) -> Text:
    return (
        f"{pin} is not on this machine, and nothing is fetched unless you say so",
        f"--fetch gets it: {host} would be asked",
    )


@MISSING.error
def no_file_in_repository(pin: str, path: str, known: Iterable[str]) -> Text:
    return f"{pin} has no file {path}", suggest(path, known)


@CIRCLE.error
def recipes_in_a_circle(files: Sequence[str]) -> Text:
    """files: their names, the first one again at the end."""
    return (
        "this recipe uses itself"
        if len(files) == 2
        else f"these recipes use each other: {' → '.join(files)}",
        "take one of the uses out",
    )


@CIRCLE.error
def recipes_too_deep(most: int) -> Text:
    return f"recipes nest deeper than {most}", "use fewer levels"


@GIT.error
def git_not_used_here() -> Text:
    return "recipes in git are not fetched here", "copy it into the project"


@GIT.error
def not_a_git_recipe(form: str) -> Text:
    return "this does not name a recipe in git", f"write `{form}`"


@GIT.error
def not_a_ref(ref: str, form: str) -> Text:
    return f"`{ref}` is not a branch, a tag or a commit", f"write `{form}`"


@GIT.error
def not_a_path(path: str, form: str) -> Text:
    return f"`{path}` is not a pipeline file in a repository", f"write `{form}`"


@GIT.error
def scheme_not_used(scheme: str) -> Text:
    return f"recipes do not come over {scheme}", "use https or ssh"


@GIT.error
def local_repository(allowed_by: str) -> Text:
    """allowed_by: the environment variable that allows it; "" where nothing does."""
    hint = "use a path, `./recipes/board.yaml`" + (f", or set {allowed_by}=1" if allowed_by else "")
    return "a repository on this machine is not used", hint


@GIT.error
def credentials_in_url() -> Text:
    return "credentials do not belong into a pipeline", "git has credential helpers, and ssh has keys"


@MOVED.warning
def recipe_moved(ref: str, pinned: str, now: str, upgrade: str) -> Text:
    """now: the commit of the ref, "" where it is gone. upgrade: the command that pins what is there now."""
    if not now:
        return f"{ref} was {pinned} and is gone; {pinned} is used", "name a branch or a tag that is there"
    return f"{ref} was {pinned} and is {now} now; {pinned} is used", f"see what changed and pin it: {upgrade}"


@CHANGED.error
def recipe_changed(folder: object, pin: str) -> Text:
    return (
        f"{folder} is not what the lock pins for {pin}",
        f"delete {folder} and fetch it again; if it is still another, somebody replaced it: ask its owner",
    )


@SECRET.error
def foreign_secret() -> Text:
    return (
        "a recipe from elsewhere may not read environment variables",
        "make it an input; who uses the recipe gives it",
    )


@OVERRIDE.error
def not_overrides(found: str) -> Text:
    return f"`override` is a mapping from nodes to what is set for them, not {found}", FORM


@OVERRIDE.error
def bare_override(name: str) -> Text:
    return f"what is set for `{name}` is a mapping", FORM


@OVERRIDE.error
def override_without_name() -> Text:
    return "an override names one model; it cannot choose it by an expression", FORM


@OVERRIDE.error
def expression_in_override() -> Text:
    return (
        "an override sets plain values; it cannot use an expression",
        "what changes from use to use is an input of the recipe",
    )


@OVERRIDE.error
def override_outside_recipe() -> Text:
    return "only a node that uses a recipe has an `override`", "set it on this node itself"


@OVERRIDE.error
def no_node_to_override(name: str, known: Iterable[str]) -> Text:
    return f"the recipe has no node `{name}`", suggest(name, known, "nodes")


@OVERRIDE.error
def no_recipe_to_override(name: str, uses: str) -> Text:
    return f"there is nothing inside `{name}`: it uses `{uses}`, which is no recipe", f"write `{name}:`"


@OVERRIDE.error
def not_open(path: str, known: Sequence[str]) -> Text:
    named = ", ".join(f"`{name}`" for name in known)
    return (
        f"the recipe does not let `{path}` be overridden",
        f"it lets {named}" if known else "it lets no node; copy the recipe to change it",
    )


@OVERRIDE.error
def override_of_recipe(key: str, path: str) -> Text:
    return (
        f"`{key}` is for a single call, and `{path}` uses a recipe",
        f"set it on a node inside, as `{path}/NODE:`",
    )


@OVERRIDE.error
def override_uses_file(uses: str) -> Text:
    return f"`{uses}` cannot stand in for a model", "name a model or a local operation"


@OVERRIDE.error
def media_in_override(name: str, kind: Type) -> Text:
    return f"`{name}` takes {a_type(kind)}, which an override cannot give", "make it an input of the recipe"


@REQUIRES.error
def other_callsheet(requires: str, version: str) -> Text:
    return (
        f"this file requires callsheet {requires}, and this is {version}",
        f"install one that fits: pip install {shell.quoted('callsheet' + requires.replace(' ', ''))}",
    )


@HEAD.error
def bad_requirement() -> Text:
    return "`requires` is a range of callsheet versions", 'write `requires: ">=0.1, <2"`'


@HEAD.error
def bad_version(version: str) -> Text:
    return f"`{version}` is no version", "write `version: 1.2.0`"


@HEAD.error
def not_examples(found: str) -> Text:
    return f"`examples` is a mapping from names to inputs, not {found}", EXAMPLES


@HEAD.error
def not_an_example(name: str, found: str) -> Text:
    return f"the example `{name}` is a mapping from inputs to values, not {found}", EXAMPLES


@HEAD.error
def bad_example_name(name: str) -> Text:
    return f"`{name}` cannot be the name of an example", "use small letters, digits, `-` and `_`"


@HEAD.error
def not_open_nodes(found: str) -> Text:
    return (
        f"in the head of a file, `override` is a list of its nodes, not {found}",
        "name the nodes that a user of this recipe may override; without it, that is every node",
    )
