"""Money in real runs: nothing twice, nothing beyond the budget, nothing more once it is sure to fail."""

from __future__ import annotations

import math
import shutil
from typing import Any

import pytest
from PIL import Image

import callsheet
from callsheet.errors import InputError
from callsheet.runtime.ledger import OverBudget, micros

IMAGE_USD = 0.104858
"""What the catalogue says of one image of the default size."""
STORY = """
callsheet: 1
name: story
nodes:
  keyframe:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a lighthouse, seed: 7}
    cache: CACHE
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: PROMPT, image_url: "${{ keyframe.images[0] }}"}
outputs:
  film: ${{ clip.video }}
"""
PORTRAIT = """
callsheet: 1
name: portrait
inputs:
  face: {type: image, default: ./face.png}
nodes:
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: PROMPT, image_url: "${{ inputs.face }}"}
outputs:
  film: ${{ clip.video }}
"""
TWINS = """
callsheet: 1
name: twins
axes:
  shot: {over: "${{ range(5) }}"}
nodes:
  made:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: the same lighthouse}
    cache: CACHE
outputs:
  all: ${{ made.images }}
"""


def story(prompt: str = "waves", cache: str = "auto") -> str:
    return STORY.replace("PROMPT", prompt).replace("CACHE", cache)


def portrait(project: Any, prompt: str, face: str = "red") -> Any:
    Image.new("RGB", (64, 64), face).save(project.folder / "face.png")
    return project.write(PORTRAIT.replace("PROMPT", prompt))


class TestReuse:
    def test_a_second_run_costs_nothing(self, project: Any) -> None:
        project.shots("image", 5).run()
        assert project.posts == 5 and project.usd == pytest.approx(5 * IMAGE_USD)

        result = project.run()

        assert result.status == "done"
        assert project.posts == 5 and project.usd == 0
        assert all(e.reused for e in project.finished.values())

    def test_only_what_changed_is_bought(self, project: Any) -> None:
        project.write(story()).run()
        project.write(story("clouds")).run()
        assert [e.reused for e in project.finished.values()] == [True, False]
        assert project.posts == 3

    def test_equal_bytes_end_the_wave(self, project: Any) -> None:
        """The keyframe is made anew, and comes out the same: the clip stays."""
        project.write(story()).run()
        project.write(story(cache="refresh")).run()
        assert {a: e.reused for a, e in project.finished.items()} == {"keyframe": False, "clip": True}
        assert project.posts == 3

    @pytest.mark.parametrize("cache", ["auto", "refresh", "off"])
    def test_equal_requests_of_one_run_are_one(self, cache: str, project: Any) -> None:
        project.write(TWINS.replace("CACHE", cache))
        result = project.run()
        assert result.status == "done" and len(project.finished) == 5
        assert project.posts == 1
        assert project.usd == pytest.approx(IMAGE_USD)

    def test_results_in_the_store_outlive_the_provider(self, project: Any) -> None:
        project.shots("video", 2).run()
        project.provider.reset()
        assert project.run().status == "done"
        assert project.posts == 0

    def test_a_file_gone_from_the_store_is_fetched_again(self, project: Any) -> None:
        project.shots("video", 1).run()
        for blob in (project.state / "blobs").rglob("*.mp4"):
            blob.unlink()
        assert project.run().status == "done"
        assert project.posts == 1

    def test_a_file_gone_everywhere_is_bought_again_only_if_a_person_says_so(self, project: Any) -> None:
        project.shots("video", 1).run()
        for blob in (project.state / "blobs").rglob("*.mp4"):
            blob.unlink()
        shutil.rmtree(project.out)
        project.provider.reset()
        assert project.run().status == "failed"
        assert project.posts == 0 and project.kinds == {"unavailable": 1}
        [failure] = project.failures.values()
        assert "its files are gone from the store: 404 from the file's host" in failure.message
        assert project.run(pay_again=True).status == "done"
        assert project.posts == 1


class TestUploads:
    def test_a_file_goes_up_once(self, project: Any) -> None:
        portrait(project, "smiles").run()
        portrait(project, "laughs").run()
        assert project.kinds == {"done": 1}
        assert project.posts == 2 and project.uploads == 1

    def test_the_same_bytes_under_another_name_are_the_same(self, project: Any) -> None:
        portrait(project, "smiles").run()
        (project.folder / "face.png").rename(project.folder / "copy.png")
        text = project.file.read_text()
        project.write(text.replace("face.png", "copy.png")).run()
        assert project.kinds == {"done": 1}
        assert project.posts == 1 and project.uploads == 1

    def test_another_picture_goes_up(self, project: Any) -> None:
        portrait(project, "smiles").run()
        portrait(project, "smiles", "blue").run()
        assert project.posts == 2 and project.uploads == 2

    def test_what_expired_goes_up_again(self, project: Any) -> None:
        portrait(project, "smiles").run()
        project.provider.reset()
        portrait(project, "laughs").run()
        assert project.kinds == {"done": 1}
        assert project.posts == 1 and project.uploads == 1

    def test_a_result_is_passed_on_where_it_is(self, project: Any) -> None:
        project.write(story()).run()
        assert project.uploads == 0

    def test_a_result_that_expired_goes_up_from_the_store(self, project: Any) -> None:
        project.write(story()).run()
        project.provider.reset()
        project.write(story("clouds")).run()
        assert project.kinds == {"done": 2}
        assert project.posts == 1 and project.uploads == 1

    def test_nothing_is_bought_when_the_upload_fails(self, project: Any) -> None:
        project.provider.fault("upload:http_503")
        portrait(project, "smiles").run()
        assert project.kinds == {"unavailable": 1} and project.posts == 0
        project.heal()
        assert project.run().status == "done"


class TestBudget:
    def test_too_small_for_what_is_certain_sends_nothing(self, project: Any) -> None:
        with pytest.raises(InputError, match=r"at least \$2\.10, and the budget is \$0\.90 \(--budget\)"):
            project.shots("image", 20).run(budget=0.9)
        assert project.posts == 0

    def test_is_never_exceeded_by_retries(self, project: Any) -> None:
        project.provider.fault("model_error", times=2)
        project.shots("image", 5, each="retry: 3").run(budget=5.5 * IMAGE_USD)
        assert project.posts == 5
        assert project.kinds == {"done": 3, "local": 2}
        assert all(
            "would cost $0.10, but $0.05 of $0.58 are left" in f.message for f in project.failures.values()
        )

    def test_what_is_left_is_never_told_as_if_it_were_enough(self) -> None:
        error = OverBudget("clip", micros(0.1), micros(0.005), micros(0.1))
        assert error.message == "clip would cost $0.10, but $0.095 of $0.10 are left"

    def test_sums_are_told_in_cents_where_that_tells_them_apart(self, project: Any) -> None:
        with pytest.raises(InputError, match=r"at least \$0\.104858, and the budget is \$0\.10 \("):
            project.shots("image", 1).run(budget=0.1)
        with pytest.raises(InputError, match=r"at least \$0\.10, and the budget is \$0\.05 \("):
            project.shots("image", 1).run(budget=0.05)

    def test_in_the_file(self, project: Any) -> None:
        with pytest.raises(InputError, match=r"the budget is \$0\.25 \(`budget:` in film\.yaml\)"):
            project.shots("image", 5, extra="budget: 0.25").run()
        assert project.posts == 0

    def test_of_the_command_line_wins(self, project: Any) -> None:
        result = project.shots("image", 5, extra="budget: 0.25").run(budget=0.60)
        assert result.status == "done"

    def test_of_the_api(self, project: Any) -> None:
        project.shots("image", 5)
        with pytest.raises(InputError, match="the budget is"):
            callsheet.run(project.file, out=project.out, state=project.state, budget=0.25)
        assert project.posts == 0
        callsheet.run(project.file, out=project.out, state=project.state, budget=0.55)
        assert project.posts == 5

    def test_what_is_in_doubt_counts_in_later_runs_of_the_film(self, project: Any) -> None:
        """Three runs under a budget of 0.25 spent 0.63."""
        project.provider.fault("lost_reply", times=2)
        project.shots("image", 2).run(budget=2.1 * IMAGE_USD)
        assert project.kinds == {"unknown": 2}
        posts = project.posts
        with pytest.raises(InputError, match="of it spent or in doubt"):
            project.shots("image", 4).run(budget=2.1 * IMAGE_USD)
        assert project.posts == posts
        project.run(budget=4.1 * IMAGE_USD)
        assert project.kinds == {"unknown": 2, "done": 2}

    def test_what_is_in_doubt_in_another_film_does_not_count(self, project: Any) -> None:
        project.provider.fault("lost_reply", times=1)
        project.shots("image", 1).run()
        text = project.shots("image", 2).file.read_text()
        result = project.write(text.replace("name: shots", "name: shots-1")).run(budget=2.1 * IMAGE_USD)
        assert project.kinds == {"unknown": 1, "done": 1} and result.status == "failed"

    def test_what_was_refused_does_not(self, project: Any) -> None:
        project.provider.fault("http_422", times=2)
        project.shots("image", 5, each="retry: 2").run(budget=5.1 * IMAGE_USD, concurrency=1)
        assert project.kinds == {"rejected": 2, "done": 3}

    def test_a_call_without_a_price_is_refused_before_anything_is_sent(self, project: Any) -> None:
        says = r'3 calls without a known price \(made\["0"\], made\["1"\], made\["2"\]\)'
        with pytest.raises(InputError, match=says) as raised:
            project.shots("video", 3).run(budget=100)
        assert "--unpriced 0.50" in raised.value.next_step and project.posts == 0

    def test_a_call_without_a_price_counts_as_what_a_person_says(self, project: Any) -> None:
        with pytest.raises(InputError, match=r"at least \$1\.50, and the budget is \$1\.40"):
            project.shots("video", 3).run(budget=1.4, unpriced=0.5)
        result = project.run(budget=1.5, unpriced=0.5)
        assert result.status == "done" and project.posts == 3

    def test_calls_without_a_price_are_counted_one_by_one(self, project: Any) -> None:
        project.provider.fault("model_error", times=1)
        project.shots("video", 3, each="retry: 2").run(budget=1.5, unpriced=0.5, concurrency=1)
        assert project.posts == 3 and project.kinds == {"done": 2, "local": 1}

    @pytest.mark.parametrize("usd", [math.nan, math.inf, -math.inf, -1.0, 1e308, -0.01])
    @pytest.mark.parametrize("name", ["budget", "unpriced"])
    def test_odd_numbers(self, name: str, usd: float, project: Any) -> None:
        with pytest.raises(InputError, match=f"--{name} .* is no amount of money"):
            project.shots("image", 1).run(**{"budget": 1.0, name: usd})
        assert project.posts == 0


class TestBreaker:
    COUNT = 30

    @pytest.mark.parametrize(
        ("fault", "says"),
        [
            ("http_401", "the key was not accepted"),
            ("http_402", "the account cannot pay"),
            ("locked", "the account cannot pay"),
        ],
    )
    def test_trouble_with_key_or_account_stops_all_and_brings_home(
        self, fault: str, says: str, project: Any
    ) -> None:
        project.provider.fault(fault, nth=5)
        project.shots("image", self.COUNT).run()

        taken = len(project.provider.accepted)
        assert project.posts == taken + 1 < self.COUNT  # some replies may be read before the fifth one
        assert project.kinds == {"done": taken, "rejected": self.COUNT - taken}
        assert all(says in f.message for f in project.failures.values())

        project.heal()
        assert project.run().status == "done"
        assert project.posts == self.COUNT + 1

    @pytest.mark.parametrize("fault", ["http_422", "nginx_502", "lost_reply"])
    def test_equal_failures_in_a_row_stop_it(self, fault: str, project: Any) -> None:
        project.provider.fault(fault)
        project.shots("image", self.COUNT).run()
        assert 10 <= project.posts <= 13
        stopped = [f for f in project.failures.values() if "nothing more is sent to fal" in f.message]
        assert len(stopped) == self.COUNT - project.posts

    def test_equal_failures_of_the_model_stop_it(self, project: Any) -> None:
        project.provider.fault("model_error")
        project.shots("image", self.COUNT).run(concurrency=4)
        assert 10 <= project.posts <= 13

    def test_some_failures_do_not(self, project: Any) -> None:
        project.provider.fault("http_422", times=8)
        project.shots("image", self.COUNT).run()
        assert project.kinds == {"rejected": 8, "done": self.COUNT - 8}


class TestTooMany:
    def test_a_provider_without_room_is_asked_again(
        self, project: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("callsheet.runtime.calls.rate_limits.PATIENCE", math.inf)  # machines are busy
        project.provider.fault("http_429", times=10)
        result = project.shots("image", 20).run()
        assert result.status == "done"
        assert project.posts == 30 and all(n == 1 for n in project.accepted.values())

    def test_one_that_stays_without_room_is_given_up(self, project: Any) -> None:
        project.provider.fault("http_429")
        project.shots("image", 3).run()
        assert project.kinds == {"unavailable": 3}
        assert 5 <= project.posts <= 12 and not project.accepted
