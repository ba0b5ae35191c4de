from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bend.errors import BadInput
from bend.nn import ACTIVATIONS
from bend.playground.data import DATASETS, asks, usual_noise
from bend.playground.names import (
    DEEPEST,
    INPUTS,
    LOSSES,
    NUMBERS,
    OPTIMIZERS,
    OUTPUTS,
    STARTS,
    WIDEST,
)
from bend.playground.settings import Settings


def numbers(number):
    if number.whole:
        found = st.integers(int(number.low), int(number.high))
    else:
        found = st.floats(number.low, number.high)
    return found | st.just(0) if number.zero else found


@st.composite
def settings(draw):
    hidden = draw(st.lists(st.integers(1, WIDEST), max_size=DEEPEST))
    names = st.sampled_from([*ACTIVATIONS])
    same = st.builds(lambda name: [name] * len(hidden), names)
    each = st.lists(names, min_size=len(hidden), max_size=len(hidden))
    values = {name: draw(numbers(number)) for name, number in NUMBERS.items()}
    data = draw(st.sampled_from(DATASETS))
    number = asks(data) == "number"
    out = draw(st.sampled_from(OUTPUTS[asks(data)]))
    losses = ["squared"] if number else LOSSES[:1] if out == "softmax" else LOSSES
    return Settings(
        data=data,
        inputs=draw(st.lists(st.sampled_from([*INPUTS]), min_size=1, unique=True)),
        hidden=hidden,
        activations=draw(same | each),
        start=draw(st.sampled_from([*STARTS])),
        batchnorm=values["batch"] != 1 and draw(st.booleans()),
        residual=draw(st.booleans()),
        loss=draw(st.sampled_from(losses)),
        out=out,
        raw=number and draw(st.booleans()),
        optimizer=draw(st.sampled_from([*OPTIMIZERS])),
        **values,
    )


@given(settings())
def test_the_text_of_settings_says_all_of_them(settings):
    assert Settings.parse(str(settings)) == settings


@given(settings(), st.randoms())
def test_the_order_of_the_words_does_not_matter(settings, random):
    words = str(settings).split()
    random.shuffle(words)
    assert Settings.parse(" ".join(words)) == settings


def test_the_text_is_short_and_says_what_is_not_usual():
    assert str(Settings()) == "rings noise=0.1 8-8 tanh glorot adam lr=0.03"
    deep = Settings(hidden=(32,) * 20, activations=("sigmoid",) * 20, residual=True, seed=3)
    assert str(deep) == "rings noise=0.1 seed=3 32x20 sigmoid glorot residual adam lr=0.03"


def test_noise_and_loss_are_the_data_sets_own_where_none_is_asked_for():
    assert Settings.parse("spirals").noise == usual_noise("spirals") == 0.02
    assert (Settings.parse("hills").noise, Settings.parse("hills").loss) == (0.05, "squared")
    assert Settings.parse("xor").loss == "cross-entropy"
    assert (Settings.parse("hills").out, Settings.parse("discs").out) == ("identity", "sigmoid")
    assert str(Settings.parse("hills squared")) == "hills noise=0.05 8-8 tanh glorot adam lr=0.03"


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        ("rings noise=0.1 8-8 tanh glorot adam lr=0.03", "cross-entropy"),
        ("blobs noise=0.4 0 glorot outbias=-10 squared sgd lr=0.3", "squared"),
    ],
)
def test_a_text_that_was_handed_on_long_ago_is_still_read_and_written_alike(text, loss):
    settings = Settings.parse(text)
    assert (str(settings), settings.loss, settings.asks) == (text, loss, "class")


def test_what_is_left_out_is_as_usual():
    assert Settings.parse("") == Settings()
    assert Settings.parse("relu").activations == ("relu", "relu")
    assert Settings.parse("0").hidden == ()
    assert Settings.parse("relu-tanh-elu").hidden == (8, 8, 8)


def test_other_spellings_are_understood():
    text = "Rings 8×3-2 RELU*3-tanh He in=x2,x1² batch=all"
    found = Settings.parse(text)
    assert (found.hidden, found.activations) == ((8, 8, 8, 2), ("relu",) * 3 + ("tanh",))
    assert (found.inputs, found.batch, found.start) == (("x2", "x1^2"), 0, "he")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ringz", "'ringz' is no word of a playground: did you mean rings?"),
        ("qqq", "the words are xor, rings"),
        ("rings lr=fast", "lr must be a number, from 1e-06 to 1000, not 'fast'"),
        ("rings lr=-1", "lr must be a number from 1e-06 to 1000, not -1"),
        ("rings lr=nan", "lr must be a number"),
        ("rings points=100.5", "points must be a whole number"),
        ("rings batch=-3", "batch must be a whole number 0 or from 1 to 2000, not -3"),
        ("rings rate=1", "there is nothing called 'rate' to set"),
        ("rings seeds=1", "did you mean seed=?"),
        ("rings xor", "data is there twice: leave out 'xor' or the one before"),
        ("8-8-8 relu-tanh", "3 hidden layers need one activation, or 3 joined by -, not 2"),
        ("8-0", "the units of a layer must be a whole number from 1 to 64, not 0"),
        ("999", "the units of a layer must be"),
        ("8x51", "at most, not 51"),
        ("8x99999999999999999999", "there may be 50 hidden layers at most"),
        ("relu*0", "activation 'relu*0' must be a name, or a name and a number"),
        ("relu*x", "activation 'relu*x' must be"),
        ("hills cross-entropy", "loss must be squared where hills asks for a number"),
        ("rings out=relu", "out must be one of sigmoid where rings asks for a class, not 'relu'"),
        ("discs out=tanh", "out must be one of sigmoid, softmax where discs asks for labels"),
        ("hills out=softmax", "out must be one of identity, sigmoid, tanh"),
        ("discs raw", "raw must be left out where discs asks for labels"),
        ("discs squared out=softmax", "loss must be cross-entropy where the output goes through"),
        ("batchnorm batch=1", "batch must be 2 or more, or all, where batchnorm"),
        ("in=x1,x3", "in must be one of x1, x2"),
        ("in=", "in must be one of"),
        ("in=x1,x1", "in must name at least one input, each once"),
    ],
)
def test_a_bad_text_gets_one_error_that_names_the_field_and_the_fix(text, said):
    with pytest.raises(BadInput) as error:
        Settings.parse(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(max_size=40))
def test_any_other_text_is_refused_kindly_or_understood(text):
    try:
        understood = Settings.parse(text)
    except BadInput:
        return
    assert Settings.parse(str(understood)) == understood


@pytest.mark.parametrize("name", ["data", "start", "loss", "optimizer"])
def test_a_name_is_one_of_those_that_there_are(name):
    with pytest.raises(BadInput, match=f"{name} must be one of .*, not 'other'"):
        Settings(**{name: "other"})


def test_more_layers_bend_as_the_last_one_does():
    settings = Settings(hidden=(4, 4), activations=("relu", "tanh"))
    assert settings.change(hidden=(4, 4, 4)).activations == ("relu", "tanh", "tanh")
    assert settings.change(hidden=(4,)).activations == ("relu",)
    assert settings.change(hidden=()).change(hidden=(3,)).activations == ("tanh",)


def test_every_field_is_explained():
    said = Settings.__doc__
    assert [field.name for field in fields(Settings) if f"{field.name}" not in said] == []
