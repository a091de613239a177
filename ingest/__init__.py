"""Files to records, and back."""

from ingest.read import ReadResult, read_estate, require_estate
from ingest.write import estate_text

__all__ = ["ReadResult", "estate_text", "read_estate", "require_estate"]
