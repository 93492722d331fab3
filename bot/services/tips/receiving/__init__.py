"""The side of senders: taken in, sealed, followed by receipt, answered over a route."""
