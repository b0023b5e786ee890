"""Estimates: one statistical idea per file. Arrays in, an `Estimate` or a small typed result out."""
