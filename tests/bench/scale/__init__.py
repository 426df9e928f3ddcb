"""What a message costs among a thousand documents, and among a million."""
