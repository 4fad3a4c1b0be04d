"""Checking a bundle of evidence: plain Python that shares no code with what made it."""
