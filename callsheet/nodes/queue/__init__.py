"""Queues of paid requests: the protocol, and the parts that the queues of all providers share."""
