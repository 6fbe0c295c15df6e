"""Contract tests of plug-ins: a provider's queue under faults and crashes, a node as callsheet calls it."""
