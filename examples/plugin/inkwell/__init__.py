"""inkwell.example for callsheet: two nodes and a provider."""
