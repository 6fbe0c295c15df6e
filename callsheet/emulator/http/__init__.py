"""HTTP on loopback: messages, connections, endpoints."""
