"""`${{ … }}`: Jinja2 expressions, held to an allow-list. The only room that imports jinja2."""
