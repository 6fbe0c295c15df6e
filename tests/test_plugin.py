"""`callsheet.plugin` is public: what it offers, and that nodes do not pay for what providers need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from callsheet import plugin
from callsheet.nodes.plugins import provider_api

NODES = [
    "Audio",
    "Facts",
    "File",
    "Image",
    "Media",
    "NodeError",
    "NotAccepted",
    "Price",
    "Rate",
    "Video",
    "Work",
    "node",
]


def test_everything_that_is_listed_is_there() -> None:
    assert plugin.__all__ == NODES
    assert dir(plugin) == sorted({*NODES, *provider_api.__all__})
    assert all(getattr(plugin, name) is not None for name in dir(plugin))
    assert provider_api.__all__ == sorted(set(provider_api.__all__), key=lambda n: (not n.isupper(), n))


def test_what_is_not_listed_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'import_a_registry'"):
        _ = plugin.import_a_registry


def test_nodes_need_no_http_client() -> None:
    code = "import sys; from callsheet.plugin import Image, NodeError; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
