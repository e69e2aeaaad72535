"""粟屿轻养: an invented brand's two years, from a seed, with thirteen planted truths (ADR 0032)."""
