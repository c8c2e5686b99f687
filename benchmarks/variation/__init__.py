"""Pages varied at random, as other sites would have them: for benchmarks and tests alike."""

from benchmarks.variation.pages import FURNITURE, vary

__all__ = ["FURNITURE", "vary"]
