"""The result as pictures, files and one page."""

from affect.report.as_json import to_json
from affect.report.folder import write

__all__ = ["to_json", "write"]
