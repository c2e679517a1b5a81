"""From the trained network to the files that the product runs, and proof that they agree."""

from affect.export.check import difference, sample_faces
from affect.export.convert import FORMATS, check_ready, convert, ship

__all__ = ["FORMATS", "check_ready", "convert", "difference", "sample_faces", "ship"]
