"""One folder per marketplace; nothing outside a folder changes when one is added."""
