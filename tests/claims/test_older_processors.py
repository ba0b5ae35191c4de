"""The lessons on the arithmetic of processors without AVX-512, and without AVX2."""

import platform

import pytest
from tests.test_strict_nbval import REPO, run_nbval


def older(coretype):
    """Settings that keep OpenBLAS and NumPy to what the processors of that name could do."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    spared = {"Haswell": ("X86_V3",), "Nehalem": ()}[coretype]
    disabled = [name for name in __cpu_dispatch__ if name not in spared and __cpu_features__[name]]
    return {"OPENBLAS_CORETYPE": coretype, "NPY_DISABLE_CPU_FEATURES": " ".join(disabled)}


@pytest.mark.soak
@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are settings of x86 processors")
@pytest.mark.parametrize("coretype", ["Haswell", "Nehalem"])
def test_the_lessons_show_the_same_on_an_older_processor(coretype):
    assert not any(run_nbval(REPO / "notebooks", **older(coretype)).values())
