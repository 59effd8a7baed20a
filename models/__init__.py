"""Models: one folder each; see ``classifier.models``."""
