"""Work in several processes at once."""

from collections.abc import Sequence
from multiprocessing import Process


def run_together(processes: Sequence[Process], what: str) -> None:
    """Starts them and waits for all; raises RuntimeError, which says `what` failed, if one did."""
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode != 0 for process in processes):
        raise RuntimeError(f"{what} failed")
