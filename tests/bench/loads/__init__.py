"""What is done in a measurement: messages to work through and documents that are there before."""
