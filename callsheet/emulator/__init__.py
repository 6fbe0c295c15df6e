"""Emulates fal and Hugging Face on loopback, free of charge, with faults on request.

Users test their pipelines against it without money; callsheet's own tests count its POSTs.
"""

from callsheet.emulator.faults.fault import Fault
from callsheet.emulator.server import Emulator
from callsheet.emulator.settings import Settings

__all__ = ["Emulator", "Fault", "Settings"]
