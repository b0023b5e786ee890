"""The service: Django. It delivers what a protocol promises; it may import the science, never the reverse."""
