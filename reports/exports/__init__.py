"""Exports for machines, offices and researchers: the same rows as CSV, XLSX, JSON lines, Parquet and STIX."""
