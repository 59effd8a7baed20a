"""The Scrapy project: sources, adapters, frontier, robots, guards, capture, extraction."""
