"""The gateway's own records and its views of what the services say."""
