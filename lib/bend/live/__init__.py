"""Figures that move: `canvas` draws what Python computes, the explorers are what lessons show."""

from bend.live.explorers_plane import explore_collapse, explore_grid
from bend.live.explorers_units import explore_slope

__all__ = ["explore_collapse", "explore_grid", "explore_slope"]
