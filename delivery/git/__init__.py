"""Bare repositories, packs, trees, refs and upload-pack. Plain Python on dulwich."""
