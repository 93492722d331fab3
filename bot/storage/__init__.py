"""Tables, collections and migrations behind the storage port."""
