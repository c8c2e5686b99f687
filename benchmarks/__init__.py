"""Measurements that are run by hand: they print figures, they are no tests."""
