"""Accord: therapist-guided psychological treatment for chronic pain, from protocol to evidence.

Three rooms: `content` is data, `science` is plain Python, `cli` is the command line. Nothing is imported here,
so `import accord` costs nothing.
"""

__version__ = "0.1.0"
