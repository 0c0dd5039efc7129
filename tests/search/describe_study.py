#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Optuna reads in a journal, a line a trial, as tests/search/described_study.hpp says it of what we read.

    describe_study.py JOURNAL STUDY"""
import json
import sys
from datetime import timezone

import optuna
from optuna.distributions import distribution_to_json

optuna.logging.set_verbosity(optuna.logging.ERROR)


def text(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def time(moment):
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds") if moment else ""


def attributes(of):
    return " ".join(f"{key}={text(value)}" for key, value in sorted(of.items()))


def main():
    backend = optuna.storages.journal.JournalFileBackend(sys.argv[1])
    study = optuna.load_study(study_name=sys.argv[2], storage=optuna.storages.JournalStorage(backend))
    print(study.study_name, study.direction.value, attributes(study.user_attrs), "|",
          attributes(study._storage.get_study_system_attrs(study._study_id)))
    for trial in study.get_trials():
        settings = " ".join(
            f"{name}={text(float(d.to_internal_repr(trial.params[name])))}:{distribution_to_json(d)}"
            for name, d in sorted(trial.distributions.items()))
        reports = " ".join(f"{step}={text(value)}" for step, value in sorted(trial.intermediate_values.items()))
        print(trial.number, trial.state.value, text(trial.values and trial.values[0]), time(trial.datetime_start),
              time(trial.datetime_complete), "|", settings, "|", reports, "|", attributes(trial.user_attrs), "|",
              attributes(trial.system_attrs))


main()
