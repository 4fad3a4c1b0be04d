"""What proves how a release went: the ten fields, their facts, and the bundle.

Writing is done by ``actions``; checking a bundle is ``proof``'s, which shares no code
with this package.
"""
