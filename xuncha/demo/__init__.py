"""The newcomer's minute: small websites that we authored, served on loopback, for the real spiders to crawl."""
