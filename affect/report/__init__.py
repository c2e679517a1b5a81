"""The result as pictures, files and one page."""
