"""The demo's catalogue (README.md beside it says where it comes from)."""
