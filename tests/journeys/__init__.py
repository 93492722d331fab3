"""The whole program over HTTP: started as people start it, walked through, killed, looked at."""
