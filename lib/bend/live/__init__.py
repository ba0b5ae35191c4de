"""Figures that move: `canvas` draws what Python computes, `explorers` are what lessons show."""
