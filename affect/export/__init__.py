"""The model in other runtimes' formats."""
