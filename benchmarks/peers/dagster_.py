"""dagster: assets, executed in process."""

import logging

import dagster
from clock import NODES, measured

logging.disable(logging.CRITICAL)


def asset(name, needs):
    @dagster.asset(name=name, deps=[dagster.AssetKey(need) for need in needs])
    def made() -> None:
        return None

    return made


with measured():
    assets = [asset(name, needs) for name, needs in NODES]
    job = dagster.Definitions(assets=assets).resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(instance=dagster.DagsterInstance.ephemeral()).success
