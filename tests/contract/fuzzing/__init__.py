"""Fuzzing of the API by its description: what is promised, tried and held against it.

``contract`` reads ``docs/openapi.yaml`` and judges answers, ``inventing`` makes values,
``attempts`` makes requests of them, ``known`` says what there is in a shop.
"""
