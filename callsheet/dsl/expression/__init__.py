"""`${{ … }}`: Jinja2 expressions, held to an allow-list. The only package that imports jinja2."""
