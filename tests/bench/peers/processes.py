"""Runs a program and tells what it printed, how long it took and what memory it had."""

import json
import os
import subprocess
import time


class Failed(Exception):
    pass


def environment(threads):
    """The same threads for every library, nothing fetched, nothing but results printed."""
    count = str(threads)
    return {**os.environ, "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count,
            "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error",
            "PYTHONDONTWRITEBYTECODE": "1"}


def run(command, threads, log):
    """Returns the figures of the whole process, and the lines that it printed as JSON objects."""
    command = [str(part) for part in command]
    with open(log, "w+", encoding="utf-8") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment(threads), stdout=subprocess.PIPE, stderr=errors, text=True)
        first = process.stdout.readline()
        first_line_s = time.perf_counter() - start
        output = [first, *process.stdout]
        # Not process.wait(), which does not tell the memory.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise Failed(f"{' '.join(command)} ended with {process.returncode}\n{errors.read()[-2000:]}")
    figures = {"first_line_s": first_line_s, "peak_mb": usage.ru_maxrss / 1024}
    return figures, [json.loads(line) for line in output if line.startswith("{")]
