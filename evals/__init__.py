"""Evaluation: sets of questions with known answers, metrics, runs, reports."""
