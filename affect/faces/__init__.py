"""Where the faces are, and which belong to one person."""
