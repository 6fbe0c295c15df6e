"""doit, in process."""

import os
import tempfile

from clock import NODES, measured
from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain


def work():
    return True


def task_node():
    for name, needs in NODES:
        yield {"name": name, "actions": [work], "task_dep": [f"node:{need}" for need in needs]}


os.chdir(tempfile.mkdtemp())
config = {"verbosity": 0, "reporter": "zero", "dep_file": "db"}
with measured():
    assert DoitMain(ModuleTaskLoader({"task_node": task_node, "DOIT_CONFIG": config})).run(["run"]) == 0
