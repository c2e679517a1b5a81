"""What the faces of a video add up to."""

from affect.measures.posture import Stillness
from affect.measures.summary import summarize, summarize_people

__all__ = ["Stillness", "summarize", "summarize_people"]
