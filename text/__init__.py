"""Pure functions on strings: normalise, segment, contacts, places, offers, shingles. Imports only ``core``."""
