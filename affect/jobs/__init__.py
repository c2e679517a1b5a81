"""The ledger of jobs and the engine that runs what it says is due."""
