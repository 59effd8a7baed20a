"""Pictures of documents: what kind of file they really are, and what is to be read in them. Bytes in, words and codes out; no store."""
