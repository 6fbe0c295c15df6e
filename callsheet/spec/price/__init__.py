"""What a call costs: rules as data, the quantities that they count, and ranges for what is not known yet."""
