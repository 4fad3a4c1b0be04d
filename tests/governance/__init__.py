"""Governance as a whole: a model to compare with, and a checker that reads records."""
