"""The ledger of a project on a Postgres server, for several drivers. Only this package imports psycopg."""
