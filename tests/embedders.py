"""Embedders without weights."""

from evals.hashing import HashingEmbedder

__all__ = ["HashingEmbedder"]
