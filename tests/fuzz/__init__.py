"""`make fuzz`: mutated inputs for whatever reads what others wrote; no crash, nothing over two seconds."""
