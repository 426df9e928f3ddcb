"""Who does the work: our runtime, a hand-tuned batch loop, FastStream one message at a time."""
