#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trials a second through Optuna's journal: ask, six floats suggested at random, tell.

    journal.py FILE SECONDS PROCESSES

Optuna puts each of the eight operations of a trial on the disk (fsync) before the next. Prints one line of key=value
figures; bench/journal.cpp does the same with Tessera."""
import multiprocessing
import os
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def storage(path):
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))


def work(path, seconds, ready):
    study = optuna.load_study(study_name="bench", storage=storage(path), sampler=optuna.samplers.RandomSampler())
    ready.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        trial = study.ask()
        for i in range(6):
            trial.suggest_float(f"x{i}", 0, 1)
        study.tell(trial, 0.5)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, seconds, processes = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    if os.path.exists(path):
        os.unlink(path)
    study = optuna.create_study(study_name="bench", storage=storage(path))
    ready = multiprocessing.Barrier(processes)
    workers = [multiprocessing.Process(target=work, args=(path, seconds, ready)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    finished = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
    print(f"peer=optuna processes={processes} trials_per_second={finished / seconds:.1f}")


main()
