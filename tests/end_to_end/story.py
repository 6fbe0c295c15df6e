"""The film of two shots that the tests of shared stores, lock files and decisions make."""

from __future__ import annotations

KEYFRAMES = """
callsheet: 1
name: story
axes:
  shot: {over: "${{ ['dawn', 'dusk'] }}", key: "${{ shot }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "a lighthouse at ${{ shot }}"}
"""
FILM = f"""{KEYFRAMES}
outputs:
  all: ${{{{ keyframe.images }}}}
"""
STORY = f"""{KEYFRAMES}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{prompt: waves, image_url: "${{{{ keyframe.images[0] }}}}"}}
  film:
    uses: media/concat
    with: {{videos: "${{{{ clip.video }}}}"}}
outputs:
  film: ${{{{ film.video }}}}
"""


def seeded(film: str) -> str:
    """`film` with stills that come out the same when they are bought again."""
    return film.replace('at ${{ shot }}"}', 'at ${{ shot }}", seed: 7}')
