"""A short soak; `make soak` is the long one."""

import subprocess
import sys
from pathlib import Path


def test_twenty_seconds_of_trouble():
    result = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("soak.py")), "--seconds", "20", "--seed", "2024"],
        capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "every version exactly once" in result.stdout
