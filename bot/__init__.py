"""The program: engine, adapters, composition root and command line."""
