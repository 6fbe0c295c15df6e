"""Files of a shared store that no film needs any more: finds them, and removes them."""
