"""Mediation: indirect effects with honest limits, causal contrasts with their assumptions, gaps, levels, panels."""
