"""Lists that an expression puts together from files and from what nodes make."""

from pathlib import Path

import pytest
from PIL import Image

import callsheet
from callsheet.nodes.media.probe import probe


@pytest.mark.parametrize(
    ("images", "count"),
    [
        ("[inputs.portrait] + card.images[0]", 2),
        ("card.images[1] + [inputs.portrait, inputs.portrait]", 3),
        ("[card[1].images[0], inputs.portrait]", 2),
    ],
)
def test_files_beside_results(tmp_path: Path, images: str, count: int) -> None:
    """Only one instance is asked for, although the node has two; the file is read like any other."""
    Image.new("RGB", (64, 64), "red").save(tmp_path / "face.png")
    film = tmp_path / "film.yaml"
    film.write_text(f"""
callsheet: 1
inputs:
  portrait: {{type: image?, default: ./face.png}}
axes: {{shot: {{over: [{{id: dawn}}, {{id: dusk}}], key: "${{{{ shot.id }}}}"}}}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {{prompt: "${{{{ shot.id }}}}", image_size: square}}
  sheet: {{uses: media/contact_sheet, with: {{images: "${{{{ {images} }}}}", columns: 1, width: 256}}}}
outputs: {{sheet: "${{{{ sheet.image }}}}"}}
""")
    result = callsheet.run(film, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    facts = probe(tmp_path / "out/film/preview/sheet.png")
    assert facts.height and facts.width and facts.height > facts.width * (count - 1)
