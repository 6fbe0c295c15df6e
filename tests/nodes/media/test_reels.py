"""Operations on pictures: counts, lengths, colours at their times, rotation, odd sizes, variable rates."""

from fractions import Fraction
from itertools import pairwise

import av
import pytest

import callsheet
from callsheet.errors import NodeError
from callsheet.nodes.local import perform
from callsheet.spec.node import Job

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (30, 40, 210), (120, 120, 120)
SOUND = (44_100, "stereo", 440)


def near(one, other, by=34):
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def at(pictures, seconds):
    """The colour on screen at a time."""
    return [color for time, color in pictures if time <= seconds + 1e-6][-1]


def even_gaps(pictures, fps):
    times = [time for time, _ in pictures]
    return all(b - a == pytest.approx(1 / fps, abs=0.0011) for a, b in pairwise(times))


def packets(artifact, kind="video"):
    with av.open(str(artifact.path)) as file:
        return [bytes(p) for p in file.demux(**{kind: 0}) if p.dts is not None]


class TestFrame:
    def test_first_last_and_between(self, bench):
        video = bench.clip([RED] * 12 + [GREEN] * 11 + [BLUE])
        for place, color in [
            ("first", RED),
            ("last", BLUE),
            (0.49, RED),
            (0.5, GREEN),
            (0.94, GREEN),
            (0.96, BLUE),
        ]:
            image = bench.made("media/frame", video=video, at=place)
            assert near(_pixel(image), color), place

    @pytest.mark.parametrize("fps", [24, 25, 30])
    @pytest.mark.parametrize(
        "options", [{"preset": "ultrafast"}, {"preset": "medium", "bf": "3", "g": "250"}]
    )
    def test_the_last_is_exact(self, fps, options, bench):
        video = bench.clip([GREY] * 40 + [GREEN], fps=fps, options=options)
        assert near(_pixel(bench.made("media/frame", video=video, at="last")), GREEN)

    def test_the_last_of_a_variable_rate(self, bench):
        video = bench.clip([RED, RED, BLUE, GREEN], times=[0, 500, 510, 1900])
        assert near(_pixel(bench.made("media/frame", video=video, at="last")), GREEN)
        assert near(_pixel(bench.made("media/frame", video=video, at=1.8)), BLUE)

    def test_the_last_of_a_webm(self, bench):
        video = bench.clip([RED] * 20 + [GREEN] * 2, name="a.webm", codec="libvpx", options={})
        assert near(_pixel(bench.made("media/frame", video=video, at="last")), GREEN)

    def test_ten_bits_and_one_picture(self, bench):
        video = bench.clip([BLUE], pixels="yuv420p10le")
        assert near(_pixel(bench.made("media/frame", video=video, at="last")), BLUE)

    def test_behind_the_end(self, bench):
        with pytest.raises(NodeError, match=r"no frame at 3 s, the video is 1 s long") as caught:
            bench.run("media/frame", video=bench.clip(), at=3)
        assert "at: last" in caught.value.next_step

    @pytest.mark.parametrize("turn", [90, 180, 270])
    def test_a_rotation_flag_is_applied(self, turn, bench):
        image = bench.made("media/frame", video=bench.clip(turn=turn), at="first")
        assert (image.facts.width, image.facts.height) == ((64, 36) if turn == 180 else (36, 64))

    def test_a_rotation_turns_the_right_way(self, bench, tmp_path):
        video = bench.clip([GREY], size=(64, 64), turn=90)
        with av.open(str(video.path)) as file:
            assert next(file.decode(video=0)).rotation == 90
        from PIL import Image

        from callsheet.nodes.media.codec.frames import _turned

        plane = Image.new("L", (4, 4))
        plane.putpixel((3, 0), 255)
        assert _turned(plane, 90).getpixel((0, 0)) == 255


class TestTrim:
    @pytest.mark.parametrize("fps", [24, 25, 30])
    def test_exact_to_the_frame(self, fps, bench):
        video = bench.clip([RED] * fps + [GREEN] * fps + [BLUE] * fps, fps=fps, sound=SOUND)
        part = bench.made("media/trim", video=video, start=1, seconds=1)
        pictures = bench.seen(part)
        assert len(pictures) == fps
        assert all(near(color, GREEN) for _, color in pictures)
        assert part.facts.seconds == pytest.approx(1, abs=0.001)
        assert part.facts.audio is True

    def test_to_the_end_and_beyond(self, bench):
        video = bench.clip([RED] * 24 + [BLUE] * 24)
        assert len(bench.seen(bench.made("media/trim", video=video, start=1.5))) == 12
        assert len(bench.seen(bench.made("media/trim", video=video, start=1.5, end=9))) == 12
        assert len(bench.seen(bench.made("media/trim", video=video, end=0.5))) == 12

    def test_a_start_behind_the_end(self, bench):
        with pytest.raises(NodeError, match="begins at 5 s, but all of it is 1 s long"):
            bench.run("media/trim", video=bench.clip(), start=5)

    def test_the_check_knows_what_is_after_the_end(self, tmp_path):
        """So that the clip is not paid for before."""
        (tmp_path / "film.yaml").write_text("""
callsheet: 1
name: film
nodes:
  card: {uses: fal-ai/veo3.1/fast, with: {prompt: A lamp, duration: 4s}}
  part: {uses: media/trim, with: {video: "${{ card.video }}", start: 5}}
  last: {uses: media/frame, with: {video: "${{ card.video }}", at: 4.5}}
  fits: {uses: media/trim, with: {video: "${{ card.video }}", start: 3, seconds: 9}}
""")
        found = callsheet.check(tmp_path / "film.yaml").diagnostics
        assert [(one.to_json()["line"], one.message) for one in found] == [
            (6, "the part begins after the end"),
            (7, "there is no picture at this time: it is after the end of the video"),
        ]

    def test_the_sound_stays_with_its_picture(self, bench):
        low, high = bench.sound(1, 300, rate=48_000), bench.sound(1, 2000, rate=48_000)
        both = bench.made("media/concat_audio", audios=[low, high])
        video = bench.made("media/mux", video=bench.clip([RED] * 48), voice=both)
        part = bench.made("media/trim", video=video, start=1, end=2)
        assert bench.level(part, 0.1, 0.9, 2000) > bench.level(part, 0.1, 0.9, 300) + 30

    def test_odd_sizes_become_even(self, bench):
        part = bench.made("media/trim", video=bench.clip(size=(65, 37), pixels="yuv444p"), end=0.5)
        assert (part.facts.width, part.facts.height) == (64, 36)


@pytest.mark.parametrize("kind", ["video", "image", "audio"])
def test_the_first_that_is_there_is_picked_as_it_is(kind, bench):
    made = {
        "video": lambda: [bench.clip([RED] * 4), bench.clip([BLUE] * 4)],
        "image": lambda: [bench.image((8, 8), RED), bench.image((8, 8), BLUE)],
        "audio": lambda: [bench.sound(0.2, 440), bench.sound(0.2, 880)],
    }[kind]()
    uses = "media/pick" if kind == "video" else f"media/pick_{kind}"
    found = bench.made(uses, **{f"{kind}s": made})
    assert found.path.read_bytes() == made[0].path.read_bytes() and found.path != made[0].path
    with pytest.raises(NodeError, match="is an empty list"):
        bench.run(uses, **{f"{kind}s": []})


class TestConcat:
    def test_alike_is_copied_packet_by_packet(self, bench):
        one, two = bench.clip([RED] * 24, sound=SOUND), bench.clip([BLUE] * 36, sound=SOUND)
        film = bench.made("media/concat", videos=[one, two])
        assert packets(film) == packets(one) + packets(two)
        pictures = bench.seen(film)
        assert len(pictures) == 60
        assert even_gaps(pictures, 24)
        assert near(at(pictures, 0.99), RED) and near(at(pictures, 1.0), BLUE)

    def test_copied_sound_stays_in_time(self, bench):
        one, two = bench.clip(sound=(48_000, "stereo", 300)), bench.clip(sound=(48_000, "stereo", 2000))
        film = bench.made("media/concat", videos=[one, two])
        assert bench.level(film, 0.1, 0.95, 300) > bench.level(film, 0.1, 0.95, 2000) + 20
        assert bench.level(film, 1.08, 1.9, 2000) > bench.level(film, 1.08, 1.9, 300) + 20

    def test_one_alone(self, bench):
        one = bench.clip([RED] * 10, sound=SOUND)
        assert packets(bench.made("media/concat", videos=[one])) == packets(one)

    def test_none_is_an_error(self, bench):
        with pytest.raises(NodeError, match="`videos` of media/concat is an empty list"):
            bench.run("media/concat", videos=[])

    def test_rates_sizes_and_sound_are_brought_to_one_form(self, bench):
        clips = [
            bench.clip([RED] * 24, sound=SOUND),
            bench.clip([GREEN] * 25, fps=25, size=(65, 37), pixels="yuv444p"),
            bench.clip([BLUE] * 30, fps=30, size=(36, 64), sound=(48_000, "mono", 2000)),
        ]
        film = bench.made("media/concat", videos=clips)
        pictures = bench.seen(film)
        assert (len(pictures), film.facts.width, film.facts.height) == (72, 64, 36)
        assert even_gaps(pictures, 24)
        assert [near(at(pictures, t), c) for t, c in ((0.5, RED), (1.5, GREEN), (2.5, BLUE))] == [True] * 3
        assert bench.level(film, 0.1, 0.9, 440) > -30
        assert bench.level(film, 1.1, 1.9, 440) < -60
        assert bench.level(film, 2.1, 2.9, 2000) > -30

    def test_the_silent_one_first(self, bench):
        film = bench.made("media/concat", videos=[bench.clip(), bench.clip(sound=SOUND)])
        assert bench.level(film, 0.1, 0.9, 440) < -60
        assert bench.level(film, 1.1, 1.9, 440) > -30

    def test_size_and_rate_can_be_asked_for(self, bench):
        clips = [bench.clip(), bench.clip(turn=90)]
        film = bench.made("media/concat", videos=clips, width=129, fps=30, mode="crop")
        assert (film.facts.width, film.facts.height, film.facts.fps) == (128, 72, 30.0)
        assert len(bench.seen(film)) == 60

    def test_a_rotated_clip_is_not_copied_beside_an_upright_one(self, bench):
        clips = [bench.clip([RED] * 24), bench.clip([BLUE] * 24, turn=90)]
        film = bench.made("media/concat", videos=clips)
        assert (film.facts.width, film.facts.height) == (64, 36)
        assert len(bench.seen(film)) == 48

    def test_the_picture_that_two_share_is_shown_once(self, bench):
        clips = [
            bench.clip([RED] * 23 + [GREEN], sound=SOUND),
            bench.clip([GREEN] + [BLUE] * 23, sound=SOUND),
        ]
        film = bench.made("media/concat", videos=clips, drop_first=True)
        pictures = bench.seen(film)
        assert len(pictures) == 47 and even_gaps(pictures, 24)
        assert [i for i, (_, color) in enumerate(pictures) if near(color, GREEN)] == [23]
        assert film.facts.seconds == pytest.approx(47 / 24, abs=0.05)
        kept = bench.made("media/concat", videos=clips, drop_first=False)
        assert packets(kept) == packets(clips[0]) + packets(clips[1])

    def test_one_picture_is_never_dropped_to_nothing(self, bench):
        film = bench.made("media/concat", videos=[bench.clip([RED] * 4), bench.clip([BLUE])], drop_first=True)
        assert len(bench.seen(film)) == 5

    def test_a_variable_rate_becomes_constant(self, bench):
        times = [0, 40, 80, 300, 340, 600, 1000, 1040, 1080, 1500, 1960]
        video = bench.clip([RED] * 6 + [BLUE] * 5, times=times)
        film = bench.made("media/concat", videos=[video, bench.clip()], fps=24)
        pictures = bench.seen(film)
        assert even_gaps(pictures, 24)
        assert near(at(pictures, 0.9), RED) and near(at(pictures, 1.1), BLUE)
        assert film.facts.seconds == pytest.approx(video.facts.seconds + 1, abs=1 / 24)

    @pytest.mark.parametrize("rate", ["25/2", "15/2", "25/3", "1/2", "12", "24000/1001"])
    def test_an_even_rate_stays_whatever_it_is(self, rate, bench):
        clip = bench.clip([RED] * 6, fps=Fraction(rate))
        film = bench.made("media/concat", videos=[clip, clip])
        assert len(bench.seen(film)) == 12 and film.facts.fps == pytest.approx(
            float(Fraction(rate)), abs=0.001
        )

    def test_names_with_quotes(self, bench):
        clips = [bench.clip(name="it's a 'clip'.mp4"), bench.clip(name='a "b" %d.mp4')]
        assert len(bench.seen(bench.made("media/concat", videos=clips))) == 48

    def test_webm_and_ten_bits(self, bench):
        clips = [
            bench.clip([RED] * 24, name="a.webm", codec="libvpx", options={}, sound=(48_000, "stereo", 440)),
            bench.clip([BLUE] * 24, pixels="yuv420p10le"),
        ]
        film = bench.made("media/concat", videos=clips)
        pictures = bench.seen(film)
        assert len(pictures) == 48
        assert near(at(pictures, 0.5), RED) and near(at(pictures, 1.5), BLUE)


class TestCrossfade:
    def test_the_middle_is_a_mix_and_the_length_is_shorter(self, bench):
        clips = [bench.clip([RED] * 24, sound=SOUND), bench.clip([BLUE] * 24, sound=(48_000, "mono", 2000))]
        film = bench.made("media/crossfade", videos=clips, seconds=0.5)
        pictures = bench.seen(film)
        assert len(pictures) == 36
        assert near(at(pictures, 0.45), RED) and near(at(pictures, 1.05), BLUE)
        assert near(at(pictures, 0.73), (125, 35, 120))
        assert bench.level(film, 0.05, 0.45, 440) > bench.level(film, 0.05, 0.45, 2000) + 30
        assert bench.level(film, 1.05, 1.45, 2000) > bench.level(film, 1.05, 1.45, 440) + 30
        both = [bench.level(film, 0.65, 0.85, hertz) for hertz in (440, 2000)]
        assert min(both) > -25

    def test_three_with_a_silent_one(self, bench):
        clips = [bench.clip(sound=SOUND), bench.clip(fps=30), bench.clip(fps=25, sound=SOUND)]
        film = bench.made("media/crossfade", videos=clips, seconds=0.25)
        assert len(bench.seen(film)) == 24 + 19 + 23 - 12
        assert len(bench.heard(film)) / 48_000 == pytest.approx(2.25, abs=0.05)

    def test_one_alone_and_too_short_ones(self, bench):
        assert len(bench.seen(bench.made("media/crossfade", videos=[bench.clip()]))) == 24
        with pytest.raises(NodeError, match=r"video 2 is 1 s long, too short for 2 crossfades of 0\.6 s"):
            bench.run("media/crossfade", videos=[bench.clip()] * 3, seconds=0.6)


class TestSpeed:
    @pytest.mark.parametrize(("factor", "frames"), [(2, 24), (0.5, 96), (0.2, 240), (6, 8)])
    def test_length_and_pitch(self, factor, frames, bench):
        video = bench.clip([RED] * 24 + [BLUE] * 24, sound=(48_000, "stereo", 1000))
        made = bench.made("media/speed", video=video, factor=factor)
        pictures = bench.seen(made)
        assert len(pictures) == frames
        assert near(pictures[len(pictures) // 2 - 1][1], RED) and near(pictures[-1][1], BLUE)
        seconds = frames / 24
        window = (seconds * 0.3, seconds * 0.7)
        assert bench.level(made, *window, 1000) > bench.level(made, *window, round(1000 * factor)) + 12
        assert len(bench.heard(made)) / 48_000 == pytest.approx(seconds, abs=0.05)


class TestFit:
    @pytest.mark.parametrize("mode", ["pad", "crop", "blur"])
    def test_the_shape_and_what_fills_it(self, mode, bench):
        video = bench.clip([RED] * 3, size=(64, 36), sound=SOUND)
        made = bench.made("media/fit", video=video, aspect="9:16", mode=mode)
        assert (made.facts.width, made.facts.height) == (36, 64)
        image = bench.made("media/frame", video=made)
        middle, edge = _pixel(image), _pixel(image, (18, 3))
        assert near(middle, RED)
        expected = {"pad": (0, 0, 0), "crop": RED, "blur": (143, 20, 20)}[mode]
        assert near(edge, expected)

    def test_width_alone_keeps_the_shape(self, bench):
        made = bench.made("media/fit", video=bench.clip(size=(64, 48)), width=33)
        assert (made.facts.width, made.facts.height) == (32, 24)

    def test_a_rotated_video_is_upright(self, bench):
        made = bench.made("media/fit", video=bench.clip(turn=270), aspect="1:1")
        assert (made.facts.width, made.facts.height) == (64, 64)
        assert len(bench.seen(made)) == 24

    def test_no_aspect(self, bench):
        with pytest.raises(NodeError, match='"wide" is no aspect'):
            bench.run("media/fit", video=bench.clip(), aspect="wide")

    def test_images(self, bench):
        still = bench.image((100, 50), GREEN)
        made = bench.made("media/fit_image", image=still, aspect="1:1")
        assert (made.facts.width, made.facts.height) == (100, 100)
        assert near(_pixel(made), GREEN) and near(_pixel(made, (50, 5)), (0, 0, 0))


class TestImageToVideo:
    @pytest.mark.parametrize("move", ["hold", "zoom_in", "zoom_out", "pan_left", "pan_right"])
    def test_length_rate_and_size(self, move, bench):
        video = bench.made(
            "media/image_to_video", image=bench.image((65, 37), BLUE), seconds=0.5, move=move, fps=30
        )
        pictures = bench.seen(video)
        assert len(pictures) == 15
        assert all(near(color, BLUE) for _, color in pictures)

    def test_a_zoom_in_shows_less(self):
        from callsheet.nodes.media.operations.image_to_video import view

        assert view("zoom_in", (100, 50), 0) == (0, 0, 100, 50)
        left, top, right, bottom = view("zoom_in", (100, 50), 1)
        assert 0 < left < right < 100 and 0 < top < bottom < 50
        assert view("pan_right", (100, 50), 0)[0] == 0 and view("pan_left", (100, 50), 1)[0] == 0


class TestStopping:
    def test_a_stopped_job_leaves_nothing(self, bench, stopping):
        job = bench.job("media/fit", video=bench.clip(), aspect="1:1")
        stopped = Job(job.address, job.spec, job.params, job.workdir, cancelled=stopping(5))
        with pytest.raises(NodeError, match="was stopped") as caught:
            perform(stopped)
        assert caught.value.kind == "local"
        assert list(job.workdir.iterdir()) == []

    @pytest.mark.parametrize("uses", ["media/fit", "media/concat"])
    def test_progress_rises_to_the_end(self, uses, bench):
        told = []
        params = {
            "media/fit": {"video": bench.clip(), "aspect": "1:1"},
            "media/concat": {"videos": [bench.clip()]},
        }
        job = bench.job(uses, **params[uses])
        perform(Job(job.address, job.spec, job.params, job.workdir, progress=told.append))
        assert told == sorted(told) and told[-1] > 0.9 and told[-1] <= 1


class TestSameBytes:
    @pytest.mark.parametrize(
        ("uses", "extra"),
        [
            ("media/fit", {"aspect": "1:1", "mode": "blur"}),
            ("media/speed", {"factor": 2}),
            ("media/trim", {"start": 0.2}),
            ("media/mux", {}),
            ("media/frame", {"at": "last"}),
        ],
    )
    def test_twice_the_same(self, uses, extra, bench):
        video = bench.clip([RED] * 12 + [BLUE] * 12, sound=SOUND)
        assert _bytes(bench.made(uses, video=video, **extra)) == _bytes(
            bench.made(uses, video=video, **extra)
        )

    def test_joined_twice_the_same(self, bench):
        clips = [bench.clip(sound=SOUND), bench.clip([RED] * 30, sound=SOUND)]
        assert _bytes(bench.made("media/concat", videos=clips)) == _bytes(
            bench.made("media/concat", videos=clips)
        )


def _bytes(artifact):
    return artifact.path.read_bytes()


def _pixel(image, xy=None):
    from PIL import Image

    with Image.open(image.path) as picture:
        return picture.convert("RGB").getpixel(xy or (picture.width // 2, picture.height // 2))


def test_rates_as_people_write_them():
    from callsheet.nodes.media.codec.timing import rate_of

    assert [rate_of(fps) for fps in (29.97, 23.976, 24, 12.5)] == [
        Fraction(30000, 1001),
        Fraction(24000, 1001),
        Fraction(24),
        Fraction(25, 2),
    ]
