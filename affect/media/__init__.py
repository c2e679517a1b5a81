"""From a file to upright pictures at chosen times, and nothing it was not asked for."""
