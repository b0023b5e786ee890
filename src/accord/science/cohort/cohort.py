"""A cohort in memory or on disk: the manifest, the tidy tables as lazy scans, and the truth of a simulated one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from accord.science.cohort.conform import conformed
from accord.science.cohort.manifest import Manifest, Origin
from accord.science.cohort.scales import ScaleFacts, scale_facts
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadInput, NotFound, Place

Frame = pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True)
class Cohort:
    """The tables of one protocol's participants (format 1, see `tables.py`).

    `tables` may hold any of the format's tables, as DataFrame or LazyFrame; columns that are absent are empty.
    `truth` maps ids of estimates to the true value, for a simulated cohort. `site` is the site's content folder.
    """

    manifest: Manifest
    tables: Mapping[str, Frame]
    truth: dict[str, float] = field(default_factory=dict)
    site: Path | None = None

    @property
    def origin(self) -> Origin:
        return self.manifest.origin

    @property
    def of_service(self) -> bool:
        """Whether a service made it, which says up to which day it counted. Such a cohort may be empty."""
        return self.manifest.counted_on is not None

    @property
    def names(self) -> list[str]:
        """The tables that are there, in the order of the format."""
        return [name for name in TABLES if name in self.tables]

    def scan(self, name: str) -> pl.LazyFrame:
        """A table with the format's columns and types, extra columns last; without rows when it is absent."""
        if name not in TABLES:
            raise NotFound(f"There is no table called '{name}' in a cohort.", cure=f"There are: {', '.join(TABLES)}.")
        table = TABLES[name]
        if name not in self.tables:
            return pl.LazyFrame(schema=table.schema)
        return conformed(self.tables[name].lazy(), table)

    def table(self, name: str) -> pl.DataFrame:
        """`scan(name)` read into memory; BadInput when the file turns out broken on the way."""
        scan = self.scan(name)
        try:
            return scan.collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            what = f"the table cannot be read: {str(error).splitlines()[0]:.200}"
            raise BadInput(what, cure="Make the cohort again.", where=Place(file=name)) from None

    def scale(self, ref: str) -> ScaleFacts:
        """Range, direction and zero of a scale: inline scales of the manifest first, then the instruments."""
        return scale_facts(ref, self.manifest, site=self.site)
