"""What makes a capture stand: the WARC archive and its verification."""
