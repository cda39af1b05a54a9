"""A short soak; `make soak` is the long one."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("lake", ["disk", "s3"])
def test_twenty_seconds_of_trouble(lake):
    result = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("soak.py")), "--seconds", "20", "--seed", "2024",
         "--lake", lake], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "every version exactly once" in result.stdout
