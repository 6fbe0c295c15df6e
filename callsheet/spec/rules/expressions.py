"""Expressions: what they may say, which names they know, and what they compute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Media, MediaKind, Type
from callsheet.spec.wording import a_type

SYNTAX: Final = Rule("expression-syntax", "The text between `${{` and `}}` is not an expression.")
FORBIDDEN: Final = Rule("expression-forbidden", "Expressions do not have this construct, function or filter.")
TOO_LARGE: Final = Rule(
    "expression-too-large", "An expression is too long or too deep, or its result is too large."
)
UNDEFINED: Final = Rule("undefined-name", "There is no input, axis, node or function with this name here.")
FIELD: Final = Rule("unknown-field", "The value has no field, or the node no output, with this name.")
TYPE: Final = Rule("expression-type", "An operator is used with types that it does not accept.")
TEXT: Final = Rule("text-value", "Only text, numbers and booleans can be inserted into text.")
ABSENT: Final = Rule(
    "absent-value",
    "A required value is absent: no neighbour, a skipped instance, or an optional field that is not given.",
)
UNKNOWN_AXIS: Final = Rule(
    "unknown-axis", "`each`, `next`, `prev` or `axis` names an axis that does not exist here."
)
NO_AXIS: Final = Rule("no-axis", "`next`, `prev` and `at` need an axis that both nodes share.")
NO_SUCH_KEY: Final = Rule("no-such-key", "The axis has no element with the key in `at()` or `node[key]`.")
POSITION: Final = Rule("position-like-a-key", "A number is a position, and another instance has it as key.")
CYCLE: Final = Rule("cycle", "Instances need each other in a circle.")
TOO_LONG: Final = Rule("too-long", "The model cannot make a video that is long enough.")


@SYNTAX.error
def not_an_expression(why: str) -> Text:
    return why, "write `${{ name.field }}`; the language page lists what expressions can do"


@FORBIDDEN.error
def no_such_filter(name: str, known: Iterable[str]) -> Text:
    return f"there is no filter `{name}`", f"the filters are {', '.join(known)}"


@FORBIDDEN.error
def no_such_test(name: str, known: Iterable[str]) -> Text:
    return f"there is no test `{name}`", f"the tests are {', '.join(known)}"


@FORBIDDEN.error
def no_such_function(name: str, known: Iterable[str]) -> Text:
    return f"there is no function `{name}`", f"the functions are {', '.join(known)}"


@FORBIDDEN.error
def no_such_argument(function: str, name: str) -> Text:
    hint = (
        "`next` and `prev` take `wrap=true`" if function not in ("next", "prev") else "they take `wrap=true`"
    )
    return f"`{function}` has no argument `{name}`", hint


@FORBIDDEN.error
def wrap_is_constant() -> Text:
    return "`wrap` is true or false", "write `wrap=true`"


@FORBIDDEN.error
def wrap_without_name(function: str) -> Text:
    return f"the second argument of `{function}` is an axis", "a ring is `wrap=true`"


@FORBIDDEN.error
def method_call() -> Text:
    return "only functions can be called, not methods", "use a filter: `x | upper`"


@FORBIDDEN.error
def no_such_construct(what: str) -> Text:
    return f"expressions have no {what}", "compute the value in an input or in the list file"


@FORBIDDEN.error
def starred_arguments() -> Text:
    return "expressions have no `*` arguments"


@TOO_LARGE.error
def too_many_parts() -> Text:
    return "the expression is too long or nested too deeply", "split it over inputs"


@TOO_LARGE.error
def number_too_large() -> Text:
    return "this number is larger than a computer can hold", "write a smaller number"


@TOO_LARGE.error
def unparsable_size() -> Text:
    return "the expression is too long or nested too deeply"


@TOO_LARGE.error
def long_source(length: int) -> Text:
    return f"a text of {length:,} characters with expressions", "the limit is 20,000"


@TOO_LARGE.error
def long_result(length: int) -> Text:
    return f"a text of {length:,} characters; the limit is 64 Ki"


@TOO_LARGE.error
def long_value(length: int) -> Text:
    return f"a text of {length:,} characters; expressions take 64 Ki"


@TOO_LARGE.error
def long_filtered(length: int) -> Text:
    return f"the text would have {length:,} characters; the limit is 64 Ki"


@TOO_LARGE.error
def large_number() -> Text:
    return "the result is too large a number", "numbers have at most 400 digits"


@TOO_LARGE.error
def long_list(length: int, most: int) -> Text:
    return f"a list of {length:,} elements; the limit is {most:,}"


@UNDEFINED.error
def meaningless_name(name: str) -> Text:
    return f"`{name}` has no meaning here"


@UNDEFINED.error
def axis_not_here(axis: str, node: str, values: str) -> Text:
    """node: where it stands; "" outside of nodes. values: the name of the axis' list; "" for none."""
    place = f"the node `{node}`" if node else "this place"
    hint = f"add `each: {axis}` to the node, to make it once for each" if node else ""
    whole = f"the whole list is `{values}`" if values else ""
    return f"{place} is not on the axis `{axis}`", "; ".join(filter(None, (hint, whole)))


@UNDEFINED.error
def look_up_in_axis(axis: str, values: str) -> Text:
    """values: the name of the axis' list; "" for none."""
    return (
        f"`{axis}` is an axis, and not a list to look into",
        f"look into its list: `{values}[…]`" if values else "put its list under `inputs`, and look into that",
    )


@UNDEFINED.error
def bare_input(name: str) -> Text:
    return f"`{name}` is an input", f"write `inputs.{name}`"


@UNDEFINED.error
def bare_function(name: str) -> Text:
    return f"`{name}` is a function", f"call it: `{name}(…)`"


@UNDEFINED.error
def undefined_name(name: str, known: Iterable[str]) -> Text:
    return f"nothing is called `{name}` here", suggest(name, known)


@FIELD.error
def unknown_field(name: str, known: Iterable[str]) -> Text:
    names = list(known)
    fields = f"fields: {', '.join(names)}" if names else ""
    return f"there is no `{name}` here", suggest(name, names, "fields") or fields


@FIELD.error
def no_fields(given: Type, name: str) -> Text:
    return f"{a_type(given)} has no fields, so no `{name}`"


@FIELD.error
def unknown_fact(kind: MediaKind, name: str, known: Iterable[str]) -> Text:
    return f"{a_type(Media(kind))} has no `{name}`", f"fields: {', '.join(known)}"


@FIELD.error
def url_not_sent() -> Text:
    return (
        "a URL is for a parameter of a remote model",
        "pass the medium itself: drop `.url`",
    )


@FIELD.error
def unknown_output(node: str, name: str, known: Iterable[str]) -> Text:
    names = list(known)
    outputs = f"outputs: {', '.join(names)}" if names else "its models have no output in common"
    return f"`{node}` has no output `{name}`", suggest(name, names) or outputs


@FIELD.error
def unreadable_facts(file: str, why: object) -> Text:
    return f"the facts of {file} cannot be read: {why}"


@FIELD.error
def not_found(why: str) -> Text:
    return why


@TYPE.error
def node_as_value(node: str, outputs: Iterable[str] | None) -> Text:
    """outputs: of the node; None when they are not known."""
    hint = f"pick an output: {', '.join(f'`{node}.{o}`' for o in outputs)}" if outputs else ""
    return f"`{node}` is a node, not a value", hint


@TYPE.error
def not_a_condition(given: Type) -> Text:
    return (
        f"a condition is true or false, not {a_type(given)}",
        "compare it: `x == …`, `len(x) > 0`",
    )


@TYPE.error
def not_a_number(sign: str, given: str, is_text: bool) -> Text:
    taken = "numbers or two lists" if sign == "+" else "numbers"
    return f"`{sign}` takes {taken}, not {given}", "join text with `~`" if is_text else ""


@TYPE.error
def not_a_list(given: Type) -> Text:
    return f"`+` joins a list to a list, not to {a_type(given)}", "make it a list of one: `[…]`"


@TYPE.error
def division_by_zero(sign: str) -> Text:
    return f"`{sign}` divides by zero", "guard it: `${{ a / b if b != 0 else … }}`"


@TYPE.error
def if_without_else() -> Text:
    return "this `if` has no `else`", "write `a if condition else b`"


@TYPE.error
def no_order(left: Type, right: Type) -> Text:
    return f"{a_type(left)} and {a_type(right)} have no order"


@TYPE.error
def no_key_field(item: Type) -> Text:
    return (
        f"the elements, {a_type(item)}, have no field with text to look them up by",
        "take one by number: `[0]`",
    )


@TYPE.error
def no_elements(given: Type, key: Type) -> Text:
    return (
        f"{a_type(given)} has no elements by {a_type(key)}",
        "lists take a whole number, objects a name",
    )


@TYPE.error
def instance_here(node: str, axis: str) -> Text:
    return (
        f"`{node}` is one instance here: that of this `{axis}`",
        f"another one is `at({node}, key)`, and the list of all is `all({node})`",
    )


@TYPE.error
def filter_takes(name: str, taken: str, given: Type) -> Text:
    return f"`{name}` takes {taken}, not {a_type(given)}"


@TYPE.error
def filter_failed(name: str, given: str) -> Text:
    return f"`{name}` cannot be used on {given}"


@TYPE.error
def ends_take_a_list(given: str) -> Text:
    return f"`first` and `last` take a list, not {given}"


@TYPE.error
def map_takes_a_list(given: str) -> Text:
    return f"`map` takes a list, not {given}"


@TYPE.error
def map_takes_a_filter(given: str) -> Text:
    return f"`map` takes the name of a filter, not {given}"


@TYPE.error
def map_arguments() -> Text:
    return "`map` takes a filter's name or `attribute=`", '`map("first")`, `map(attribute="id")`'


@TYPE.error
def function_takes_lists(name: str, given: Type) -> Text:
    return f"`{name}` takes lists, not {a_type(given)}"


@TYPE.error
def function_arguments(name: str, least: int, most: int, given: int) -> Text:
    count = f"{least}" if least == most else f"{least} to {most}"
    return f"`{name}` takes {count} argument{'s' if most > 1 else ''}, not {given}"


@TYPE.error
def function_takes_a_node(name: str) -> Text:
    if name in ("next", "prev"):
        return (
            f"`{name}` takes a node or an axis",
            f"the field comes after it: `{name}(keyframe).images[0]`, `{name}(shot).id`",
        )
    if name == "at":
        return (
            "`at` takes a node",
            "the field comes after it: `at(keyframe, key).images[0]`; an element is `inputs.shots[key]`",
        )
    return f"`{name}` takes a node", f"the field comes after it: `{name}(keyframe…).images[0]`"


@TYPE.error
def one_step(function: str, axis: str, values: str) -> Text:
    """values: the name of the axis' list; "" for none."""
    return (
        f"`{function}({axis})` goes one step, and takes nothing else but `wrap=true`",
        f"elements further away are `{values}[axis.{axis}.index + 2]`" if values else "",
    )


@TYPE.error
def len_takes() -> Text:
    return "`len` takes a list, an object or a text"


@TYPE.error
def range_takes() -> Text:
    return "`range` takes whole numbers"


@TYPE.error
def fit_duration_takes_seconds(given: str) -> Text:
    return f"`fit_duration` takes seconds, not {given}"


@TYPE.error
def fit_duration_of(given: Type) -> Text:
    return f"`fit_duration` takes seconds, not {a_type(given)}", "a length is `voice.audio.seconds`"


@TYPE.error
def fit_duration_for(name: str) -> Text:
    """name: of the model, where a text was written; "" for anything else."""
    return (
        f"nothing is called `{name}`" if name else "this is neither a node nor an endpoint",
        'name a node, or an endpoint in quotes: `fit_duration(x, "fal-ai/…")`',
    )


@TYPE.error
def lengths_of_several(node: str) -> Text:
    return f"`{node}` chooses among several models, each with its own lengths", "name an endpoint in quotes"


@TYPE.error
def no_lengths(uses: str) -> Text:
    return f"`{uses}` has no parameter for its length, or does not say which it takes"


@TYPE.error
def not_computable(why: str) -> Text:
    return why


@TEXT.error
def pasted_type(given: Type) -> Text:
    return f"{a_type(given)} cannot be pasted into text"


@TEXT.error
def pasted_node(given: Type, outputs: Iterable[str]) -> Text:
    return f"{a_type(given)} cannot be pasted into text", f"pick an output: {', '.join(outputs)}"


@TEXT.error
def pasted_object(given: Type, fields: Iterable[str]) -> Text:
    return f"{a_type(given)} cannot be pasted into text", f"pick a field: {', '.join(fields)}"


@TEXT.error
def pasted_list(given: Type) -> Text:
    return (
        f"{a_type(given)} cannot be pasted into text",
        'pick an element with `[0]`, or join them: `| join(", ")`',
    )


@TEXT.error
def pasted_medium(given: Type) -> Text:
    return (
        f"{a_type(given)} cannot be pasted into text",
        "let the expression be the whole value, without text around it",
    )


@TEXT.error
def not_json(given: str) -> Text:
    return f"{given} cannot be JSON", "pick a fact of it, or leave it out"


@TEXT.error
def url_in_text() -> Text:
    return (
        "a URL cannot be pasted into text: it is made when the request is sent",
        "let it be the whole value",
    )


@TEXT.error
def pasted_value(given: str) -> Text:
    return (
        f"{given} cannot be pasted into text",
        "pick a field of it, or let the expression be the whole value",
    )


@ABSENT.error
def absent(reason: str) -> Text:
    return reason, "guard it with `when:` or `| default(…)`"


@ABSENT.error
def absent_in_filter(reason: str) -> Text:
    return f"{reason}, so no filter but `default` can use it", "give a `| default(…)` before the filter"


@ABSENT.error
def absent_in_text(reason: str) -> Text:
    return f"{reason}, so it cannot be part of a text", "give a `| default(…)`"


@ABSENT.warning
def absent_for_some(field: str) -> Text:
    """field: as an expression, `shot.note`."""
    return (
        f"`{field}` may be absent in a list that a node writes, and then the instance fails",
        f"write `{field} | default(…)`, or `when: ${{{{ {field} is defined }}}}`",
    )


@CYCLE.error
def refers_to_itself(node: str) -> Text:
    return f"`{node}` refers to itself", f"a chain takes the one before: `prev({node})`"


@NO_AXIS.error
def several_axes(node: str, function: str, axis: str) -> Text:
    """axis: one of the axes that could be meant."""
    key = ", key" if function == "at" else ""
    return f"`{node}` has several axes", f"name one: `{function}({node}{key}, {axis})`"


@NO_AXIS.error
def at_without_axis(node: str) -> Text:
    return f"`{node}` has no axis, so there is no `at`"


@NO_AXIS.error
def no_shared_axis(node: str) -> Text:
    return (
        f"`{node}` shares no axis with this place, so there is no neighbour",
        "give both nodes the same `each`",
    )


@NO_AXIS.error
def inner_axis(axis: str, outer: str) -> Text:
    return (
        f"`{axis}` lies inside `{outer}`, and its keys are told apart only there",
        f"look the outer one up first: `at(at(…, key, {outer}), key, {axis})`",
    )


@UNKNOWN_AXIS.error
def not_a_shared_axis(shared: Iterable[str]) -> Text:
    names = ", ".join(shared)
    return "this is not an axis that both nodes have", f"axes: {names}" if names else ""


@NO_SUCH_KEY.error
def no_such_element(field: str, key: str, known: Iterable[str]) -> Text:
    return f'no element of the list has the {field} "{key}"', suggest(key, known, "keys")


@NO_SUCH_KEY.error
def element_twice(field: str, key: str, known: Iterable[str]) -> Text:
    count = list(known).count(key)
    return f'{count} elements of the list have the {field} "{key}"', "keys that are looked up are distinct"


@NO_SUCH_KEY.error
def no_such_key(node: str, key: object, known: Iterable[str]) -> Text:
    return f'`{node}` has no instance with the key "{key}"', suggest(str(key), known, "keys")


@NO_SUCH_KEY.error
def key_as_position(node: str, index: int, count: int) -> Text:
    return (
        f"`{node}[{index}]` is a position, from 0 to {count - 1}; a key is text",
        f'write `{node}["{index}"]`',
    )


@POSITION.warning
def position_like_a_key(node: str, index: int, key: str) -> Text:
    """key: of the instance at this position."""
    return (
        f'`{node}[{index}]` is a position: the instance with the key "{key}"',
        f'write `{node}["{index}"]` for the one with the key "{index}", or `{node}["{key}"]`',
    )


@TOO_LONG.error
def longer_than_the_model(seconds: float, uses: str, longest: object) -> Text:
    return (
        f"{seconds:g} s is longer than `{uses}` makes: {longest} at most",
        "shorten it, cut it in two, or take a model with longer clips",
    )
