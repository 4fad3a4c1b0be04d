"""The demo's shop ten times over, for tests of what pages cost when there is much.

Every tenant stands there nine more times with its targets, releases, votes, edits and
audit entries. Rows are copied and differ by the tenant's name and their numbers; what
was rendered is shared. What the demo made keeps its numbers and stays the newest.
"""

from tests.tenfold.making import TIMES, multiply

__all__ = ["TIMES", "multiply"]
