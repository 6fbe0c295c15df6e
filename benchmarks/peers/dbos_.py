"""dbos: durable steps of one workflow, on SQLite."""

import tempfile
from pathlib import Path

from clock import LAST, NODES, measured
from dbos import DBOS, SetWorkflowID

database = Path(tempfile.mkdtemp()) / "dbos.sqlite"
DBOS(
    config={
        "name": "bench",
        "system_database_url": f"sqlite:///{database}",
        "log_level": "ERROR",
        "run_admin_server": False,
    }
)


@DBOS.step()
def step(name, needs):
    return name


@DBOS.workflow()
def film():
    made = {}
    for name, _ in NODES:
        made[name] = step(name, None)
    return made[LAST]


DBOS.launch()
with measured(), SetWorkflowID("film"):
    film()
DBOS.destroy()
