"""The `gongkai` command, the one place that knows all the others: a module per sub-command."""
