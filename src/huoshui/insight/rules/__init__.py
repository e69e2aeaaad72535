"""The rules of segments: JSON or text → frozen tree → Ibis over the lake (ADR 0025)."""
