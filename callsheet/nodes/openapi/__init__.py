"""OpenAPI documents of endpoints: reading them, fetching them, and comparing descriptions.

document         a provider's document → a record of the catalogue
project_models   the documents in a project's models/ folder
live             fetches documents
drift            compares two descriptions of an endpoint
"""
