"""What every test run needs, nbval's too: no learner's progress, one BLAS thread, strict nbval."""

import os

pytest_plugins = ["tests.strict_nbval"]

# A kernel that nbval starts inherits these; a learner's own log is neither read nor written.
os.environ["BEND_HOME"] = "none"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
