"""The vocabulary that all packages share: types, values, media, nodes, prices. Imports only errors."""
