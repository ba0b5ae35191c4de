import json

from bend.assets import joined
from bend.live import canvas
from bend.quiz import card
from bend.quiz.bank import load_bank
from bend.quiz.card import Card
from bend.quiz.deck import Deck
from bend.quiz.log import Log
from bend.widget import held

QUESTIONS = [q for q in load_bank().lesson("01") if q.type != "code"][:2]


def test_all_cards_take_their_script_from_one_widget():
    first, second = (Card(question, Log(None)) for question in QUESTIONS)
    deck = Deck(QUESTIONS, Log(None))
    assert first.assets == second.assets == deck.assets
    assets = held(card.SCRIPTS, card.SHEETS)
    assert first.assets == assets.model_id
    assert (assets.script, assets.sheet) == (joined(card.SCRIPTS), joined(card.SHEETS))


def test_each_kind_has_a_script_and_a_sheet_of_its_own():
    cards, figures = held(card.SCRIPTS, card.SHEETS), held(canvas.SCRIPTS, canvas.SHEETS)
    assert cards.script != figures.script
    assert cards.sheet != figures.sheet
    # Under one id on the page the second sheet would take the place of the first.
    assert cards.id != figures.id


def test_what_a_card_itself_sends_is_small():
    state = Card(QUESTIONS[0], Log(None)).get_state()
    assert len(json.dumps(state, default=str)) < 8_000
