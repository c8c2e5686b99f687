"""`python -m benchmarks.bodies`: see `running`."""

from benchmarks.bodies.running import main

if __name__ == "__main__":
    raise SystemExit(main())
