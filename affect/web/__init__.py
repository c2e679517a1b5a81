"""The page and its JSON API: requests in, jobs and results out; it never loads the model."""
