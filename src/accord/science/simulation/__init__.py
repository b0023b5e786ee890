"""Simulation: a protocol becomes an invented cohort whose true values are known (docs/explanation/simulation.md).

Invents people and never estimates anything; what is true of them is counted, not analysed.
"""

from accord.science.simulation.design import design_of
from accord.science.simulation.simulate import CHUNK, chunk_count, manifest_of, simulate, simulate_chunks
from accord.science.simulation.truth import true_values

__all__ = ["CHUNK", "chunk_count", "design_of", "manifest_of", "simulate", "simulate_chunks", "true_values"]
