"""The whole product under faults: what is killed, stopped, emptied, filled, set wrong.

An installation is started as people start it, clients deploy through the API and try
again as clients do, and something is taken away under them. Afterwards `verdict` reads
records, rows and branches: one commit for each deployed release, nothing stuck.
``python -m tests.faults --help`` runs it for as long as one likes.
"""

PROJECT = "faults"
SERVICE = "api"
