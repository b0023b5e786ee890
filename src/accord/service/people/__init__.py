"""Persons apart from accounts, their roles and clinics, who treats whom, who is accountable, who is away."""
