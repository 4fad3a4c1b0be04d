"""Helm, Kustomize and manifests, rendered unit by unit in limited children.

A `units.UnitJob` goes into `pool.ChildPool`, whose children (`child`, `renderer`) put
variables in, run the engines and check what comes out; `assemble` lays the results out
as files. `charts` reads uploaded charts, `tools` finds helm and kubectl. Plain Python:
no Django, no database, no Git.
"""
