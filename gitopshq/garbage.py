"""What is loaded before a process forks is left out of the collector's rounds.

A full round goes through every module and model, and all threads wait meanwhile: some
100 ms, in which no page is answered. Nothing of it is ever garbage.
"""

import gc


def keep_loaded() -> None:
    """Keep what is there now for good; processes forked from here on share it."""
    gc.collect()
    gc.freeze()
