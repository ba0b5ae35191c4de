"""Small neural networks in plain NumPy."""

__all__ = []
