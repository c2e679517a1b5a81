"""Where the faces are, and which belong to one person."""

from affect.faces.crop import crop
from affect.faces.find import FaceFinder
from affect.faces.haar import HaarDetector
from affect.faces.track import BEYOND_DOUBT, SURE_SCORE

__all__ = ["BEYOND_DOUBT", "SURE_SCORE", "FaceFinder", "HaarDetector", "crop"]
