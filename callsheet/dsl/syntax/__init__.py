"""From YAML to a document: which keys a pipeline may have, and what they mean."""
