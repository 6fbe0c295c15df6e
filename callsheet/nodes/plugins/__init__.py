"""Nodes and providers from other packages, and from code files beside a pipeline."""
