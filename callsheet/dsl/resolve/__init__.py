"""Names become specs: models, recipes, code files."""
