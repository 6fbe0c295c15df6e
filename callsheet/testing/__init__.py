"""Fakes and the simulation, for tests of callsheet and of plug-ins."""
