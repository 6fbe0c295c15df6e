"""Files and results by digest, on this machine: blobs, cache, receipts, and the lock of the project."""
