"""Thousands of made-up runs of the paid-call protocol, with faults and crashes, in seconds.

    python -m callsheet.testing.simulation --seeds 10000

What is simulated: time, the provider, the store, and the end of the process. What is real: the ledger's
tables and statements, submitting, polling, fetching, recovering and reconciling.
"""

from callsheet.testing.simulation.story import Broken, Told, tell

__all__ = ["Broken", "Told", "tell"]
