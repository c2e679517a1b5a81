"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real videos and labelled faces; CI has it, elsewhere tests say they skip."""
    folder = Path(os.environ.get("AFFECT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"no data at {folder}, and CI skips nothing")
        pytest.skip(f"no data at {folder}")
    return folder
