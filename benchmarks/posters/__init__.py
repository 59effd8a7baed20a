"""Authored pictures: adverts as they are drawn for image-first platforms, and innocent ones, from a seeded generator."""
