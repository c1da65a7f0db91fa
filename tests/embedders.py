"""Embedders without weights."""

from evals.hashing import NO_PROMPTS, HashingEmbedder

__all__ = ["HashingEmbedder", "NO_PROMPTS"]
