"""Definitions: how the files under `content/` (and a site's own folder) are found, read safely and checked.

Knows nothing of what the files mean; instruments, programmes and protocols bring their own models.
"""

from accord.science.definitions.content import content_files, copy_content, find_content, packaged_content
from accord.science.definitions.document import Document, read_document

__all__ = ["Document", "content_files", "copy_content", "find_content", "packaged_content", "read_document"]
