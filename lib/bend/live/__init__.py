"""Figures that move: `canvas` draws what Python computes, the rest is what lessons show."""

from bend.live.explorers_collapse import explore_collapse
from bend.live.explorers_depth import explore_gradients
from bend.live.explorers_grid import explore_grid
from bend.live.explorers_output import explore_output
from bend.live.explorers_remedies import explore_remedies
from bend.live.explorers_units import explore_dying, explore_slope
from bend.live.playground_widget import playground

__all__ = [
    "explore_collapse",
    "explore_dying",
    "explore_gradients",
    "explore_grid",
    "explore_output",
    "explore_remedies",
    "explore_slope",
    "playground",
]
