"""What `explain` tells of a result that is here."""

from pathlib import Path

import callsheet
from callsheet.cli.views.explain import explanation_lines
from callsheet.runtime.explain import explain
from callsheet.runtime.workspace import Workspace
from callsheet.testing import sounds


def test_figures_that_were_measured_are_told(tmp_path: Path) -> None:
    sounds.written(tmp_path / "song.wav", sounds.click_track(120, 8).samples)
    path = tmp_path / "film.yaml"
    path.write_text("""
callsheet: 1
inputs: {song: {type: audio, default: ./song.wav}}
nodes:
  loud: {uses: media/loudness_audio, with: {audio: "${{ inputs.song }}", target: -23}}
  beat: {uses: media/beats, with: {audio: "${{ inputs.song }}"}}
outputs: {song: "${{ loud.audio }}", beats: "${{ beat.beats }}"}
""")
    graph, workspace = callsheet.load(path), Workspace.of(path)
    assert not explain(graph, "loud", workspace).told
    assert callsheet.run(path, out=tmp_path / "out").status == "done"
    loud, beat = (explain(graph, address, workspace) for address in ("loud", "beat"))
    assert abs(loud.told["loudness"] + 23) < 0.5 and "audio" not in loud.told  # type: ignore[operator]
    assert f"true_peak: {loud.told['true_peak']}" in explanation_lines(loud, colour=False)
    assert f"beats: a list of {len(beat.told['beats'])}" in explanation_lines(beat, colour=False)  # type: ignore[arg-type]
    assert len(beat.to_json()["told"]["onsets"]) == 8
