"""What every claims test runs over.

Each effect that a lesson shows holds in ten seeds and both float types, at the lesson's settings. A
test is named after its claim and holds the threshold that the lesson states.
"""

import numpy as np
import pytest

SEEDS = range(10)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])
