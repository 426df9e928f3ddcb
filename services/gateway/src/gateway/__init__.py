"""Gateway: HTTP API, webhooks in, views out."""
