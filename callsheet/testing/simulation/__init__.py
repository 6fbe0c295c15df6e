"""Simulates thousands of paid runs with faults and crashes, in seconds, and checks the rules of the protocol.

    python -m callsheet.testing.simulation --seeds 10000

What is simulated: time, the provider, the store, and the end of the process. What is real: the ledger's
tables and statements, submitting, polling, fetching, recovering and reconciling.
"""

from callsheet.testing.simulation.scenario import RuleBroken, Summary, simulate

__all__ = ["RuleBroken", "Summary", "simulate"]
