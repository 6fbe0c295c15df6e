"""Axes: their elements, their order, and axes inside of axes."""
