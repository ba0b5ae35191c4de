"""Figures that move: `canvas` draws what Python computes, `explorers` are what the lessons show."""

from bend.live.explorers.collapse import explore_collapse
from bend.live.explorers.depth import explore_gradients
from bend.live.explorers.grid import explore_grid
from bend.live.explorers.output import explore_output
from bend.live.explorers.remedies import explore_remedies
from bend.live.explorers.units import explore_dying, explore_slope

__all__ = [
    "explore_collapse",
    "explore_dying",
    "explore_gradients",
    "explore_grid",
    "explore_output",
    "explore_remedies",
    "explore_slope",
]
