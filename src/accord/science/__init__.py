"""The science: plain Python. No Django, no network, no clock, no environment.

Each folder is one idea; imports only go down, in the order that ARCHITECTURE.md prints and import-linter checks.
"""
