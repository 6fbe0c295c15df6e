"""Expressions at random: whatever is written, check answers with messages that have a place."""

import random
import re
import time
from pathlib import Path

from callsheet import check
from callsheet.dsl.diagnostics.render import render_all

PIKA, INFINITY = "fal-ai/pika/v2.2/text-to-video", "fal-ai/infinity-star/text-to-video"
FILM = """\
callsheet: 1
inputs:
  n: 7
  x: 0.5
  zero: 0
  hero: a keeper
  voices: {anna: deep, bo: high}
  people: [{id: anna, voice: deep, at: 1}, {id: bo, voice: high, at: 4}]
  twice: [{id: a}, {id: a}]
  empty: {type: list, items: {id: string}, default: []}
  any: {type: json, default: [1, a, {b: null}]}
  model: {enum: [PIKA, INFINITY], default: PIKA}
axes:
  shot: {over: "${{ inputs.people }}", key: "${{ shot.id }}"}
  take: {over: [1, 2, 3], key: "${{ take }}"}
  made: {over: "${{ script.shots }}", key: "${{ made.id }}", max: 3}
nodes:
  script:
    uses: text/chat
    with:
      prompt: p
      schema: {title: string, shots: {type: list, items: {id: string, seconds: number?}, maximum: 3}}
  still: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: p}}
  clip: {each: [shot, take], uses: PIKA, with: {prompt: p}}
  probe:
    each: EACH
    uses: USES
    when: WHEN
    with: {prompt: PROMPT, seed: SEED}
  film: {uses: media/concat, with: {videos: VIDEOS}}
outputs: {any: OUTPUT}
"""
GOOD = {
    "USES": PIKA,
    "WHEN": "true",
    "PROMPT": "p",
    "SEED": "1",
    "VIDEOS": '"${{ all(clip).video | first }}"',
    "OUTPUT": "a",
}
EACH = ["shot", "take", "[shot, take]", "made", "[made, shot]", "[]"]
CHOSEN = ["inputs.model", "shot.id", "script.title", "made.id", "shot.nope"]
CHOSEN += [f"'{PIKA}' if take > 1 else '{INFINITY}'"]
ATOMS = """
0 1 -1 2 7 0.5 1e308 99999999999999999999 'a' 'anna' 'id' true false none [] [1] ['a','b']
inputs.n inputs.x inputs.zero inputs.hero inputs.voices inputs.voices.anna inputs.people
inputs.people.id inputs.twice inputs.empty inputs.any inputs.model inputs.nope shot shot.id shot.at
take made made.seconds axis.shot.index axis.shot.last axis.take.key axis.made.length script.title
script.shots script.shots.id still still.images still.images[0] still.images[0].url
still.images[0].aspect clip clip.video clip.video.seconds clip.video.content_type probe probe.video nope
"""
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "<", ">=", "and", "or", "in", "**"]
FUNCTIONS = ["next", "prev", "at", "all", "len", "range", "zip", "product", "fit_duration"]
MORE = ["", "", ", wrap=true", ", wrap=false", ", wrap=1", ", loop=true", ", shot", ", true"]
FILTERS = """
abs capitalize count default('x') d(0) first float int join(',') last length lower max min map('first')
map(attribute='id') replace('a','b') reverse round sort string sum title tojson trim truncate(3)
unique upper wordcount
"""
FORMS = ["${{ %s }}"] * 5 + ["a ${{ %s }} b", "${%% if %s %%}x${%% else %%}y${%% endif %%}", "%s"]
FIELDS = ["id", "at", "voice", "images", "video", "url", "width", "nope"]
TYPED = {
    "number": """
2 0.5 inputs.n inputs.x inputs.zero inputs.any[0] shot.at take axis.shot.index still[0].images[0].width
NUMBER*NUMBER NUMBER//NUMBER NUMBER%NUMBER NUMBER/NUMBER NUMBER-NUMBER len(LIST) (NUMBER|round|int)
(NUMBER|abs) (NUMBER|if|BOOL|else|NUMBER) next(take,wrap=true) (prev(shot).at|default(NUMBER))
inputs.people[TEXT].at (made.seconds|default(1)) (script.shots.seconds|sum) axis.made.length
""",
    "text": """
'a' inputs.hero inputs.people['anna'].voice shot.id axis.take.key script.title made.id script.shots[0].id
(TEXT~NUMBER) (TEXT|upper) (LIST|join(',')) (LIST|tojson) inputs.voices[shot.id] next(shot,wrap=true).id
(prev(made).id|default('x')) (TEXT|if|BOOL|else|TEXT) (LIST|first) still[1].images[0].content_type
""",
    "list": """
[] ['a'] inputs.people.id script.shots.id [TEXT,TEXT] LIST+LIST (LIST|reverse) (LIST|sort) inputs.twice.id
inputs.empty.id (LIST|if|BOOL|else|LIST) (zip(LIST,LIST)|map('first'))
""",
    "bool": "true axis.shot.last (next(shot)|is|defined) BOOL|and|BOOL not|BOOL NUMBER<NUMBER TEXT=='a'",
    "videos": "clip.video (clip.video|map('first')) all(clip).video VIDEOS+VIDEOS [VIDEOS] (VIDEOS|first)",
}
PLACES = {"WHEN": "bool", "PROMPT": "text", "SEED": "number", "VIDEOS": "videos", "OUTPUT": "list"}


def typed(rng: random.Random, kind: str, depth: int = 0) -> str:
    """A random expression of a kind, as far as one can tell from its parts."""
    found = rng.choice(TYPED[kind].split() if depth < 3 else TYPED[kind].split()[:3])
    spaced = found.replace("|if|", " if ").replace("|else|", " else ").replace("|is|", " is ")
    spaced = spaced.replace("|and|", " and ").replace("not|", "not ")
    names = re.compile("|".join(name.upper() for name in TYPED))
    return names.sub(lambda name: typed(rng, name[0].lower(), depth + 1), spaced)


def expression(rng: random.Random, depth: int = 0) -> str:
    """A random expression. Some have a type, most have none."""
    if depth > 3 or rng.random() < 0.35:
        return rng.choice(ATOMS.split())

    def inner() -> str:
        return expression(rng, depth + 1)

    match rng.randrange(9):
        case 0 | 1:
            return f"{inner()} {rng.choice(BINARY)} {inner()}"
        case 2:
            moved = rng.choice(["shot", "take", "still", "clip", "made", inner()])
            return f"{rng.choice(['next', 'prev'])}({moved}{rng.choice(MORE)})"
        case 3:
            return f"{rng.choice(FUNCTIONS)}({', '.join(inner() for _ in range(rng.randint(0, 3)))})"
        case 4:
            return f"({inner()} | {rng.choice(FILTERS.split())})"
        case 5:
            return f"{inner()}[{inner()}]"
        case 6:
            return f"({inner()} if {inner()} else {inner()})"
        case 7:
            return f"[{inner()}, {inner()}]"
    return f"({inner()}).{rng.choice(FIELDS)}"


def film(rng: random.Random) -> str:
    """The film with a random expression in one or two of its places."""
    values = dict(GOOD)
    for place in rng.sample(list(GOOD), rng.randint(1, 2)):
        likely = rng.random() < 0.7
        if place == "USES":
            text = rng.choice(CHOSEN) if likely else expression(rng)
        else:
            text = typed(rng, PLACES[place]) if likely else expression(rng)
        values[place] = f'"{rng.choice(FORMS) % text}"'
    text = FILM.replace("EACH", rng.choice(EACH))
    for place, value in {**values, "PIKA": PIKA, "INFINITY": INFINITY}.items():
        text = text.replace(place, value)
    return text


def test_random_expressions_get_positioned_messages(tmp_path: Path, long: bool) -> None:
    rng = random.Random(13)
    path, accepted = tmp_path / "film.yaml", 0
    for round_ in range(10_000 if long else 250):
        text = film(rng)
        path.write_text(text, encoding="utf-8", newline="")
        started = time.process_time()
        found = check(path)
        assert time.process_time() - started < 5, (round_, text)
        assert found.ok or any(d.severity == "error" for d in found.diagnostics), (round_, text)
        assert bool(render_all(found.diagnostics)) == bool(found.diagnostics), (round_, text)
        for diagnostic in found.diagnostics:
            line, column = diagnostic.span.source.position(diagnostic.span.start)
            assert line >= 1 and column >= 1, (round_, text)
        accepted += found.ok
    assert accepted > (1000 if long else 25)
