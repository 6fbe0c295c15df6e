"""The protocol of a queue of requests, and what queues of several providers share."""
