#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command, then prints what it took: the processor's seconds and its peak memory.

    measured.py COMMAND..."""
import resource
import subprocess
import sys
import time

start = time.perf_counter()
status = subprocess.run(sys.argv[1:]).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"processor_seconds={usage.ru_utime + usage.ru_stime:.2f} wall_seconds={time.perf_counter() - start:.2f} "
      f"peak_memory_mb={usage.ru_maxrss // 1024}")
sys.exit(status)
