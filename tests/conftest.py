"""Settings for the whole suite."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No clock decides a test; in CI the examples are the same every time, so a red run can be repeated.
settings.register_profile(
    "gongkai",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
settings.load_profile("gongkai")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; a test that asks for it skips where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not here: this test measures on real data only")
    return folder
