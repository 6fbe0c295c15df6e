"""prefect: tasks of one flow, with the server that it starts in process."""

import os
import tempfile

os.environ.update(
    PREFECT_HOME=tempfile.mkdtemp(), PREFECT_LOGGING_LEVEL="ERROR", PREFECT_SERVER_ANALYTICS_ENABLED="false"
)

from clock import LAST, NODES, measured
from prefect import flow, task


@task(cache_policy=None)
def node(name, needs):
    return name


@flow
def film():
    made = {}
    for name, needs in NODES:
        made[name] = node(name, [made[need] for need in needs])
    return made[LAST]


@flow
def empty():
    return 1


empty()
with measured():
    film()
