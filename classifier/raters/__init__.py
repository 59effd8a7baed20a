"""Kinds of models: one module each, found by its name, with ``load(folder, options)`` and ``train(folder, options, material)``."""
