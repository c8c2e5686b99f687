"""`python -m benchmarks.search`: see `running`."""

from benchmarks.search.running import main

if __name__ == "__main__":
    raise SystemExit(main())
