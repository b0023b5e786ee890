"""Mapping: anybody's files -> a cohort, as a mapping file says. Reads and recodes; never estimates."""

from accord.science.cohort.mapping.build import Mapped, map_files, read_salt
from accord.science.cohort.mapping.model import Mapping, read_mapping

__all__ = ["Mapped", "Mapping", "map_files", "read_mapping", "read_salt"]
