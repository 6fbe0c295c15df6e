"""One Dask cluster for all tests of engines."""

from collections.abc import Iterator

import pytest

from tests.runtime.engines.cluster import Cluster, cluster


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers of one slot each."""
    pytest.importorskip("distributed")
    with cluster(tmp_path_factory.mktemp("dask")) as here:
        yield here
