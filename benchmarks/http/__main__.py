"""`python -m benchmarks.http`: see `running`."""

from benchmarks.http.running import main

if __name__ == "__main__":
    raise SystemExit(main())
