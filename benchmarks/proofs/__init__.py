"""One law a module, all alike: NAME, TITLE, and `run(seed) -> Result`."""
