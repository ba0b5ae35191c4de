import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.drawing import png

from bend.pictures import MAX_RMS, look_the_same, rms


def test_equal_pictures_do_not_differ():
    assert rms(png(), png()) == 0


@pytest.mark.parametrize("change", [{"label": "0.26"}, {"slope": 1.001}], ids=str)
def test_a_change_that_a_reader_could_see_is_over_the_limit(change):
    assert rms(png(), png(**change)) > 2 * MAX_RMS


def test_rounding_that_a_reader_could_not_see_is_under_the_limit():
    assert rms(png(), png(jitter=1e-5)) < MAX_RMS / 2


def test_pictures_of_different_size_differ():
    fig = plt.figure(figsize=(1, 1))
    file = io.BytesIO()
    fig.savefig(file)
    plt.close(fig)
    assert rms(png(), base64.b64encode(file.getvalue())) == np.inf


def shown(picture, text="a line", **data):
    html = f'<img src="data:image/png;base64,{picture}">'
    return {
        "output_type": "display_data",
        "data": {"image/png": picture, "text/html": html, "text/plain": text, **data},
    }


def test_outputs_whose_pictures_differ_by_rounding_look_the_same():
    assert look_the_same(shown(png()), shown(png(jitter=1e-5)))


@pytest.mark.parametrize(
    "other",
    [shown(png(slope=1.01)), shown(png(), text="another"), {"output_type": "stream", "text": "a"}],
    ids=["picture", "text", "kind"],
)
def test_outputs_that_a_reader_could_tell_apart_do_not_look_the_same(other):
    assert not look_the_same(shown(png()), other)
