"""From flagged documents to leads: campaigns (shared text), networks (shared contacts), priority with its reasons."""
