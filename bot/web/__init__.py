"""The HTTP server: webhooks, health, metrics and the public pages."""
