"""Contract tests for plug-ins, which are public; and the fakes and the simulation of callsheet's own tests.

from callsheet.testing import Request, Response, check_queue, run_node, serve
"""

from callsheet.testing.contract.check import check_queue, run_node
from callsheet.testing.contract.service import Request, Response, serve

__all__ = ["Request", "Response", "check_queue", "run_node", "serve"]
