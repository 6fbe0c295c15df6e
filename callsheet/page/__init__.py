"""The page of a film: everything that is known of it as one JSON document, and one HTML file that shows
it."""
