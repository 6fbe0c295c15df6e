"""The language in which a line is spoken: as the request says it, else by the letters of its text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Final

SAID: Final = (
    "language", "language_code", "language_id", "lang", "lang_code", "target_language", "target_lang",
    "output_language", "voice_language", "custom_audio_language", "language_boost",
)  # fmt: skip
"""Parameters that name the language, the surest first."""
CODE: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9-]+)?", re.IGNORECASE)
NAMES: Final = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "bangla": "bn", "bengali": "bn", "bulgarian": "bg",
    "cantonese": "yue", "catalan": "ca", "chinese": "cmn", "chinese,yue": "yue", "croatian": "hr",
    "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "gujarati": "gu", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it",
    "japanese": "ja", "kannada": "kn", "korean": "ko", "latin": "la", "latvian": "lv", "lithuanian": "lt",
    "macedonian": "mk", "malay": "ms", "malayalam": "ml", "maltese": "mt", "mandarin": "cmn",
    "marathi": "mr", "nepali": "ne", "norwegian": "nb", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "punjabi": "pa", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl",
    "spanish": "es", "swahili": "sw", "swedish": "sv", "tamil": "ta", "telugu": "te", "thai": "th",
    "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "welsh": "cy",
}  # fmt: skip
"""English names of languages → their codes."""
OTHERS: Final = {"ch": "cmn", "zh": "cmn", "zho": "cmn", "no": "nb", "iw": "he", "eng": "en"}
"""Codes under which eSpeak NG has no voice → its own."""
REGIONS: Final = ("en-gb", "en-us", "es-419", "fr-be", "fr-ch", "pt-br")
"""Regions that have a voice of their own."""
SCRIPTS: Final = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "cmn", "CYRILLIC": "ru", "GREEK": "el",
    "ARABIC": "ar", "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te",
    "THAI": "th", "GEORGIAN": "ka", "ARMENIAN": "hy", "GUJARATI": "gu", "KANNADA": "kn", "MALAYALAM": "ml",
}  # fmt: skip
"""The first word of the names of letters in Unicode → the language that is most often written with them."""
USUAL: Final = "en"
LOOKED_AT: Final = 400
"""Characters of a text."""


def languages(params: Mapping[str, object], text: str) -> tuple[str, ...]:
    """Codes of the language of a speech, as eSpeak NG names them; each stands in where there is no voice for
    the one before."""
    values = (params.get(name) for name in SAID)
    named = next(filter(None, (_named(value) for value in values if isinstance(value, str))), ())
    return tuple(dict.fromkeys((*(named or _of_letters(text)), USUAL)))


def _named(value: str) -> tuple[str, ...]:
    """The codes of a language that a request names: `pt-BR`, `Portuguese (Brazil)`; none for `auto`."""
    text = value.strip().lower()
    name = NAMES.get(text) or NAMES.get(re.split(r"[\s(]", text, maxsplit=1)[0])
    if name is not None:
        return ("pt-br", name) if "brazil" in text else (name,)
    code = CODE.fullmatch(text)
    if code is None or text == "all":
        return ()
    region = text.replace("_", "-")
    return (*(one for one in REGIONS if one == region), OTHERS.get(code[1], code[1]))


def _of_letters(text: str) -> tuple[str, ...]:
    """The language of most letters of a text; Japanese, where any of them is Japanese alone."""
    letters = (unicodedata.name(letter, "") for letter in text[:LOOKED_AT] if letter.isalpha())
    names = (re.split("[ -]", name, maxsplit=1)[0] for name in letters)
    counted = Counter(names)
    if counted["HIRAGANA"] + counted["KATAKANA"]:
        return ("ja",)
    return tuple(SCRIPTS[script] for script, _ in counted.most_common(1) if script in SCRIPTS)
