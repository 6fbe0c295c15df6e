"""Endpoints that a project knows from their own OpenAPI documents, and how what is known of one drifts.

document    a provider's document → a record of the catalogue
project     the documents in a project's models/ folder
live        fetching one
drift       how two descriptions of one endpoint differ
"""
