"""`python -m benchmarks.neighbours`: see `running`."""

from benchmarks.neighbours.running import main

if __name__ == "__main__":
    raise SystemExit(main())
