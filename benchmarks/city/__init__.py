"""The demo city crawled from end to end: everything planted found once, and every trap handled."""
