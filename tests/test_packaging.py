from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

OURS = ("cli", "pipeline", "reid", "detectors")
HEAVY = ("torch", "ultralytics", "decord", "av", "cv2")


@pytest.mark.parametrize(
    "statement",
    [
        "import pipeline",
        "import cli.main",
        "from click.testing import CliRunner; from cli.main import main; CliRunner().invoke(main, ['match', '--help'])",
        "from click.testing import CliRunner; from cli.main import main; CliRunner().invoke(main, ['export', '--help'])",
    ],
)  # fmt: skip
def test_help_loads_nothing_heavy(statement: str) -> None:
    ask = f"{statement}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_no_other_distribution_owns_our_package_names() -> None:
    owners = metadata.packages_distributions()
    for name in OURS:
        assert set(owners.get(name, [])) <= {"reid-pipeline"}, f"{name} clashes with another package"
