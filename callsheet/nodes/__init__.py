"""What can be done: models of providers, local operations, plug-ins, and the preview."""
