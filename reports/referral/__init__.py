"""The referral: a letter and lists that hand leads over to the department they fall to."""
