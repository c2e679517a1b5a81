"""Files as labelled samples."""
