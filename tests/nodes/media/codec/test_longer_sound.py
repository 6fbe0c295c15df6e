"""Sound behind a stored one: what is stored stays as it is, and nothing is heard where the new one begins."""

from array import array
from dataclasses import replace
from fractions import Fraction
from math import log10

import av
import pytest

from callsheet.nodes.media.codec import audio
from callsheet.nodes.media.codec.frames import filled
from callsheet.nodes.media.codec.longer_sound import AGAIN, PACKET, LongerSound
from callsheet.nodes.media.codec.reader import look
from callsheet.nodes.media.codec.writer import MP4, VideoWriter, whole_file
from callsheet.nodes.preview.tone import frames
from callsheet.testing import sounds

RATE = 48_000


def sounding(channel):
    return frames((channel[at : at + 4096],) * 2 for at in range(0, len(channel), 4096))


def clip(path, channel, seconds):
    with VideoWriter(path, (64, 64), 24, sounding(channel), "draft") as writer:
        for _ in range(round(seconds * 24)):
            writer.write(filled((64, 64)))
    return look(path)


def longer(path, before, seconds, channel):
    """A sound file of the first seconds of a clip, and these samples behind them."""
    sound = LongerSound(before, Fraction(seconds), sounding(channel))
    assert sound.copies
    with whole_file(path, "mp4", MP4) as target:
        track = sound.track(target)
        target.start_encoding()
        for second in range(20):
            track.advance(Fraction(second))
        track.finish()
    return path


def heard(path):
    found = array("f")
    for frame in audio.of_file(path):
        found.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
    return found


def stored(path):
    with av.open(str(path)) as file:
        return [(packet.pts, bytes(packet)) for packet in file.demux(audio=0) if packet.size]


def decibels(found, wanted):
    """How much louder a sound is than what was made wrong of it."""
    wrong = sum((a - b) ** 2 for a, b in zip(found, wanted, strict=True))
    return 10 * log10((sum(b * b for b in wanted) + 1e-9) / (wrong + 1e-9))


@pytest.mark.parametrize("kind", ["tone", "bass", "soft, then loud"])
@pytest.mark.parametrize("seconds", [Fraction(3), Fraction(25, 12)])
def test_a_sound_goes_on_without_a_seam(tmp_path, kind, seconds):
    """One sample too early or late would leave 18 dB of the tone, a gap much less."""
    channel, _ = sounds.kinds()[kind]()
    end, whole = round(seconds * RATE), len(channel)
    before = clip(tmp_path / "before.mp4", channel[:end], seconds)
    path = longer(tmp_path / "longer.mp4", before, seconds, channel[end:])
    old, new = stored(before.path), stored(path)
    kept = sum(a == b for a, b in zip(old, new, strict=False))
    assert len(old) - 6 <= kept < len(old)
    assert [pts for pts, _ in new] == list(range(-PACKET, whole, PACKET))
    found, wanted = heard(path), heard(before.path)[:end] + channel[end:]
    begin = (kept - AGAIN) * PACKET
    for at in range(begin, begin + 40 * PACKET, PACKET):
        assert decibels(found[at : at + PACKET], wanted[at : at + PACKET]) > 25, at


def test_beeps_stay_at_their_sample(tmp_path):
    """In a chain of six parts of a second and a bit, each begins with a beep; nothing adds up."""
    beep, length = sounds.tone(997, 0.3)[: RATE // 10], RATE + 7 * RATE // 24
    part = beep + array("f", bytes(4 * (length - len(beep))))
    before = clip(tmp_path / "0.mp4", part, Fraction(31, 24))
    for number in range(1, 6):
        path = longer(tmp_path / f"{number}.mp4", before, Fraction(31 * number, 24), part)
        before = replace(before, path=path)
    found = heard(before.path)
    assert 6 * length <= len(found) < 6 * length + PACKET
    for number in range(6):
        at = number * length
        assert decibels(found[at : at + len(beep)], beep) > 25
        assert max(map(abs, found[at + len(beep) + 2048 : at + length - 2048])) < 0.01


@pytest.mark.parametrize("seconds", [0.2, 0.0])
def test_what_is_short_is_encoded_again(tmp_path, seconds):
    before = clip(tmp_path / "before.mp4", sounds.silence(0.5), 0.5)
    assert not LongerSound(before, Fraction(seconds), ()).copies


def test_sound_of_another_encoder_is_encoded_again(tmp_path):
    path = tmp_path / "other.mp4"
    with av.open(str(path), "w") as file:
        video, track = file.add_stream("mpeg4", rate=24), file.add_stream("aac", rate=44_100)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        for frame in audio.silence(3):
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
        for _ in range(48):
            file.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(video.encode(None))
    assert not LongerSound(look(path), Fraction(2), ()).copies
