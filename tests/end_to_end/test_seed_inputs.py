"""Files as the pages of models have them: a data URI goes in as it is, and a result tells about its file."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from PIL import Image

FILM = """\
callsheet: 1
name: film
nodes:
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "IMAGE"}
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ clip.video.content_type }}, ${{ clip.video.file_name }}, ${{ clip.video.file_size }}"}
outputs:
  clip: ${{ clip.video }}
  card: ${{ card.images[0] }}
"""


def test_a_data_uri_goes_in_and_a_result_tells_about_its_file(project: Any) -> None:
    picture = BytesIO()
    Image.new("RGB", (64, 64), "navy").save(picture, "PNG")
    uri = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
    result = project.write(FILM.replace("IMAGE", uri)).run()
    assert result.status == "done", project.failures
    clip, card = (post.body for post in project.provider.posts)
    assert clip["image_url"] == uri
    kind, name, size = card["prompt"].split(", ")
    assert kind == "video/mp4" and 0 < int(size) <= result.outputs["clip"].stat().st_size  # that has a note
    assert name.endswith(".mp4")
    assert project.run().usd == 0 and project.posts == 2
