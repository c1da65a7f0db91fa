"""Answers and doors: the pipeline, checking, models, HTTP, the page, the command line."""
