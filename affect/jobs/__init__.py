"""Jobs: videos that wait, are analysed one after another, and whose results are kept a while.

The ledger is the truth, the engine does what it says, and whatever dies, the ledger tells what to
do next. `Jobs` is the front door.
"""

from affect.jobs.job import Job, State
from affect.jobs.service import FORM_BYTES, Jobs
from affect.jobs.spread import spread
from affect.jobs.storage import too_large

__all__ = ["FORM_BYTES", "Job", "Jobs", "State", "spread", "too_large"]
