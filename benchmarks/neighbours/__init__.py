"""How fast healthy subsites are crawled alone, and beside hostile ones."""
