"""Graph → plan → results: order, scheduling, the content store, execution, and out/."""
