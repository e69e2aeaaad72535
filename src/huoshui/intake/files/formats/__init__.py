"""What each platform's export looks like: a folder of identical modules, each a tuple `FORMATS`."""
