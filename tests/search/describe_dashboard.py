#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Optuna's dashboard shows of the one study in a journal, a line a trial, asked as its page asks it.

    describe_dashboard.py JOURNAL"""
import io
import json
import sys

import optuna
import optuna_dashboard

optuna.logging.set_verbosity(optuna.logging.ERROR)


def main():
    backend = optuna.storages.journal.JournalFileBackend(sys.argv[1])
    app = optuna_dashboard.wsgi(optuna.storages.JournalStorage(backend))

    def shown(path, query=""):
        return json.loads(b"".join(app(
            {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "here", "SERVER_PORT": "80",
             "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr},
            lambda status, headers, error=None: None)))

    [summary] = shown("/api/studies")["study_summaries"]
    study = shown(f"/api/studies/{summary['study_id']}", "after=0")
    print(summary["study_name"], *study["directions"])
    for trial in study["trials"]:
        print(trial["number"], trial["state"], *trial.get("values", []), "|",
              *(f"{p['name']}={p['param_external_value']}" for p in sorted(trial["params"], key=lambda p: p["name"])), "|",
              *(f"{r['step']}={r['value']}" for r in trial["intermediate_values"]))


main()
