"""What the faces of a video add up to."""
