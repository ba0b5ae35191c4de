import pytest

from bend.errors import UnknownName
from bend.playground.presets import LESSONS, PRESETS
from bend.playground.replay import replay
from bend.playground.settings import Settings

SEEDS = range(10)


@pytest.mark.soak
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_goes_as_its_lesson_says_in_ten_seeds(name):
    preset = PRESETS[name]
    assert [s for s in SEEDS if not preset.outcome(replay(preset, seed=s))] == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_goes_as_its_lesson_says(name):
    preset = PRESETS[name]
    assert preset.outcome(replay(preset))


@pytest.mark.parametrize("name", [name for name in PRESETS if PRESETS[name].rescues])
def test_a_cure_is_not_taken_for_its_failure(name):
    failure = PRESETS[name]
    for rescue in map(PRESETS.get, failure.rescues):
        assert not failure.outcome(replay(rescue))


def test_every_cure_cures_something_and_every_failure_has_one():
    cures = {name for name in PRESETS if not PRESETS[name].rescues}
    named = {rescue for preset in PRESETS.values() for rescue in preset.rescues}
    assert cures == named


def test_every_preset_says_where_it_is_taught_and_what_to_watch():
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert preset.lesson in LESSONS
        assert preset.watch.endswith(".")
        assert Settings.parse(str(preset.settings)) == preset.settings


def test_an_unknown_preset_is_told_which_there_are():
    with pytest.raises(UnknownName, match="there is no preset 'xor'; there are xor-linear, "):
        PRESETS["xor"]
