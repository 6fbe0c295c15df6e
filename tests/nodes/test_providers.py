"""The list of providers, and which key is missing."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from callsheet.errors import PlugInError
from callsheet.nodes import providers
from callsheet.nodes.queue.provider import Provider
from callsheet.nodes.registry import Registry


class Two:
    """A provider whose key is in two variables."""

    variables = ("TWO_NAME", "TWO_SECRET")

    def find(self, uses: str) -> None: ...

    def queue(self) -> None: ...


@pytest.mark.parametrize("name", providers.OWN)
def test_ours_are_what_a_plug_in_is(name: str) -> None:
    provider = providers.provider_called(name)
    assert isinstance(provider, Provider) and provider.name == name
    assert providers.queue_of(name).name == name


def test_an_unknown_provider_is_said() -> None:
    with pytest.raises(PlugInError, match="the provider `nobody` is not installed"):
        providers.provider_called("nobody")
    assert providers.secrets(["nobody"], {"FAL_KEY": "a-key-of-fal"}) == ("a-key-of-fal",)


@pytest.mark.parametrize(
    ("name", "environ", "lacking"),
    [
        ("fal", {}, "FAL_KEY"),
        ("fal", {"FAL_KEY": " "}, "FAL_KEY"),
        ("fal", {"FAL_KEY_ID": "i"}, "FAL_KEY"),
        ("fal", {"FAL_KEY_ID": "i", "FAL_KEY_SECRET": "s"}, ""),
        ("huggingface", {}, "HF_TOKEN"),
        ("huggingface", {"FAL_KEY": "k"}, ""),
        ("two", {}, "TWO_NAME"),
        ("two", {"TWO_NAME": "n"}, "TWO_SECRET"),
        ("two", {"TWO_NAME": "n", "TWO_SECRET": "s"}, ""),
    ],
)
def test_the_variable_that_is_missing(
    name: str, environ: dict[str, str], lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(providers.OWN, "two", "two_for_callsheet:TWO")
    monkeypatch.setitem(sys.modules, "two_for_callsheet", SimpleNamespace(TWO=Two()))
    assert providers.missing(name, environ) == lacking


def test_no_plug_in_is_asked_for_a_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.nodes.registry.find_installed", lambda uses: pytest.fail(uses))
    for uses in ("fal/x", "huggingface/x", "hf/x", "fal-ai/nothing", "recipe/x", "media/x"):
        assert Registry().find(uses) is None
