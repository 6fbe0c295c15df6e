"""What a run would make, reuse and fetch, for how much, in what time, and why."""
