"""The result as pictures, files and one page."""

from affect.report.as_json import to_json
from affect.report.folder import is_results, write

__all__ = ["is_results", "to_json", "write"]
