"""PyTorch as the second opinion on every gradient and every step."""

import importlib
import os

import pytest


def pytorch():
    """The torch module. Without it the test is skipped, or fails where BEND_REQUIRE_TORCH is 1."""
    if os.environ.get("BEND_REQUIRE_TORCH") == "1":
        return importlib.import_module("torch")
    return pytest.importorskip("torch")
