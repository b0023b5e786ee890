"""Where the command line finds a site's own folder (ACCORD_SITE); the science is always told, it never looks."""

from __future__ import annotations

import os
from pathlib import Path

from accord.science.errors import BadInput


def site_folder() -> Path | None:
    """The folder that ACCORD_SITE names, or None. Raises BadInput when it names something else."""
    named = os.environ.get("ACCORD_SITE", "").strip()
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise BadInput(f"ACCORD_SITE names {folder}, which is no folder.", cure="Make it, or unset ACCORD_SITE.")
    return folder
