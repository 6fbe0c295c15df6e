"""Tests of recipes: each example is checked, compared with a golden plan, and previewed."""
