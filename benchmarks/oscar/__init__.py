"""django-oscar as the peer of our sale chain. But for `peer`, which starts it, this runs in an environment of its own."""
