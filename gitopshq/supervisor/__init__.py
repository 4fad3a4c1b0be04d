"""Starts and minds everything that one machine runs: broker, web, worker, beat.

Plain Python: Django is only reached through ``manage.py`` and through the processes
started here. Settings do not come from here, they come from the environment, which
``environment.complete`` fills in for ``./run up``, ``./run demo`` and ``./run manage``.
"""
