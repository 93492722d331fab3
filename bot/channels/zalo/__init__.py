"""How a Zalo Official Account speaks: signed webhooks in, Open API calls out."""
