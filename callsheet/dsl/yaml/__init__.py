"""YAML with the place of every value. The only package that imports yaml."""
