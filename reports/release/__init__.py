"""The release: a research data set that can be handed on without anybody's contacts, names or questions in it."""
