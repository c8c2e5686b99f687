"""The speed and freshness of `gongkai serve` under a fixed rate of requests, quiet and written to."""
