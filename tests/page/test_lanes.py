"""Where instances are in the lanes."""

from pathlib import Path

from callsheet.page.lanes import lanes
from callsheet.runtime.check import load
from callsheet.runtime.graph.dag import needs_of, order

CAST = """\
callsheet: 1
name: cast
axes:
  person: {over: [mara, jon], key: "${{ person }}"}
  angle: {over: [front, side], key: "${{ angle }}"}
  shot: {over: [dawn, noon, dusk], key: "${{ shot }}"}
nodes:
  sheet:
    each: [person, angle]
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ person }}, ${{ angle }}"}
  face: {each: person, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ person }}"}}
  still: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, takes: 2, with: {prompt: "${{ shot }}"}}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: walks, image_url: "${{ still.images[0] }}"}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}", faces: "${{ face.images }}", sheets: "${{ sheet.images }}"}
"""
STEPS = """\
callsheet: 1
name: steps
nodes:
  a: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a}}
  b: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: b}}
  c: {uses: fal-ai/pika/v2.2/image-to-video, with: {prompt: c, image_url: "${{ a.images[0] }}"}}
outputs: {c: "${{ c.video }}", b: "${{ b.images }}"}
"""


def laid_out(text: str):
    path = Path("film.yaml")
    path.write_text(text)
    graph = load(path)
    instances = [graph.instances[address] for address in order(needs_of(graph))]
    found = lanes(instances)
    return found, dict(zip([i.address for i in instances], found.places, strict=True))


def test_shots_are_rows_and_stages_are_columns(in_folder):
    found, places = laid_out(CAST)
    assert [(row.title, row.axis, row.main) for row in found.rows] == [
        ("", "", False),
        ("mara", "person", False),
        ("mara · front", "person", False),
        ("mara · side", "person", False),
        ("jon", "person", False),
        ("jon · front", "person", False),
        ("jon · side", "person", False),
        ("dawn", "shot", True),
        ("noon", "shot", True),
        ("dusk", "shot", True),
    ]
    assert set(found.columns) == {"sheet", "face", "still", "clip", "film"} and found.columns[-2:] == (
        "clip",
        "film",
    )
    assert places['still["noon"]'] == places['still["noon"]#2']
    assert places['clip["noon"]'][0] == places['still["noon"]'][0]
    assert places["film"][0] == 0


def test_the_shots_of_the_film_are_the_main_rows(in_folder):
    Path("film.yaml").write_text(CAST)
    graph = load(Path("film.yaml"))
    instances = [graph.instances[address] for address in order(needs_of(graph))]
    found = lanes(instances, shots=['face["mara"]'])
    assert {row.axis for row in found.rows if row.main} == {"person"}


def test_a_film_without_axes_goes_from_left_to_right(in_folder):
    found, places = laid_out(STEPS)
    assert places == {"a": (0, 0), "b": (1, 0), "c": (0, 1)}
    assert len(found.rows) == 2 and len(found.columns) == 2
