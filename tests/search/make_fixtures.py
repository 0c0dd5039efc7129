#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Optuna 5.0.0 says about made studies, for the tests of this folder to agree with.

    make_fixtures.py [FOLDER]      writes FOLDER/tpe.json, pruners.json, importance.json (default: fixtures/ beside this)

Trials are written as the journal has them: internal values, states by number, distributions as Optuna's JSON."""
import json
import math
import random
import sys
import warnings
from pathlib import Path

import numpy
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution, distribution_to_json
from optuna.samplers._tpe import parzen_estimator
from optuna.samplers._tpe.sampler import TPESampler, _split_trials, default_gamma
from optuna.trial import TrialState, create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


class StableNumpy:
    """NumPy whose argsort keeps equal values in order: by default the processor decides."""

    def __getattr__(self, name):
        return getattr(numpy, name)

    @staticmethod
    def argsort(values):
        return numpy.argsort(values, kind="stable")


parzen_estimator.np = StableNumpy()

SPACE = {
    "float": FloatDistribution(-2.0, 3.0),
    "log_float": FloatDistribution(1e-5, 1e-1, log=True),
    "stepped": FloatDistribution(0.0, 0.5, step=0.05),
    "int": IntDistribution(1, 9, step=2),
    "log_int": IntDistribution(1, 256, log=True),
    "choice": CategoricalDistribution(["a", "b", "c"]),
}
CONDITIONAL = {
    "depth": IntDistribution(2, 4),
    "rate": FloatDistribution(1e-4, 1.0, log=True),
    "third": FloatDistribution(0.0, 1.0),
    "kind": CategoricalDistribution(["x", "y"]),
}


def deep_only(name, params):
    return name not in ("third", "kind") or params["depth"] >= 3


def any_value(distribution, rng):
    if isinstance(distribution, CategoricalDistribution):
        return rng.choice(distribution.choices)
    if isinstance(distribution, IntDistribution):
        if distribution.log:
            return round(math.exp(rng.uniform(math.log(distribution.low), math.log(distribution.high))))
        return rng.randrange(distribution.low, distribution.high + 1, distribution.step)
    if distribution.step:
        return round(distribution.low + distribution.step * rng.randrange(11), 10)
    if distribution.log:
        return math.exp(rng.uniform(math.log(distribution.low), math.log(distribution.high)))
    return rng.uniform(distribution.low, distribution.high)


def made_study(direction, space, states, seed, active=lambda name, params: True):
    """`states`: how many trials end in each; mixed up. Values are round enough for ties."""
    rng = random.Random(seed)
    study = optuna.create_study(direction=direction)
    order = [state for state, count in states.items() for _ in range(count)]
    rng.shuffle(order)
    for state in order:
        params = {}
        for name, distribution in space.items():
            if active(name, params):
                params[name] = any_value(distribution, rng)
        steps = rng.randint(0, 6) if state != TrialState.COMPLETE else 8
        curve = {step: round(rng.gauss(0, 1), 2) for step in range(1, steps + 1)}
        if state == TrialState.PRUNED and curve and rng.random() < 0.2:
            curve[steps] = math.nan
        study.add_trial(create_trial(
            state=state, params=params, distributions={name: space[name] for name in params}, intermediate_values=curve,
            value=round(rng.gauss(0, 1), 1) if state == TrialState.COMPLETE else None))
    return study


def written_trial(trial):
    return {
        "number": trial.number, "state": int(trial.state),
        "settings": {name: float(distribution.to_internal_repr(trial.params[name]))
                     for name, distribution in trial.distributions.items()},
        "value": trial.value,
        "intermediate": [[step, None if math.isnan(value) else value] for step, value in trial.intermediate_values.items()],
    }


def written_study(study, space):
    return {"direction": study.direction.value, "trials": [written_trial(trial) for trial in study.trials],
            "space": {name: json.loads(distribution_to_json(distribution)) for name, distribution in space.items()}}


def tpe_case(study, space, names, seed):
    sampler = TPESampler(multivariate=True)
    space = {name: space[name] for name in names}
    trials = [t for t in study.trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)]
    finished = sum(t.state != TrialState.RUNNING for t in trials)
    good, others = _split_trials(study, trials, default_gamma(finished))
    estimators = [sampler._build_parzen_estimator(study, space, part, handle_below=part is good) for part in (good, others)]
    rng = random.Random(seed)
    points = {name: numpy.array([space[name].to_internal_repr(any_value(space[name], rng)) for _ in range(12)], dtype=float)
              for name in names}
    ratio = estimators[0].log_pdf(points) - estimators[1].log_pdf(points)
    return {"parameters": names, "good": [t.number for t in good], "others": [t.number for t in others],
            "points": [[points[name][i] for name in names] for i in range(12)], "log_ratio": ratio.tolist()}


def tpe():
    thirty = made_study("minimize", SPACE, {TrialState.COMPLETE: 25, TrialState.PRUNED: 5}, 1)
    shared = made_study("maximize", SPACE, {TrialState.COMPLETE: 70, TrialState.PRUNED: 150, TrialState.RUNNING: 7,
                                            TrialState.FAIL: 5}, 2)
    pruned = made_study("minimize", SPACE, {TrialState.COMPLETE: 1, TrialState.PRUNED: 24, TrialState.RUNNING: 1}, 3)
    conditional = made_study("minimize", CONDITIONAL, {TrialState.COMPLETE: 40, TrialState.RUNNING: 2}, 4, deep_only)
    studies = []
    for study, space, groups in ((thirty, SPACE, [[name] for name in SPACE] + [list(SPACE)]),
                                 (shared, SPACE, [[name] for name in SPACE] + [list(SPACE)]),
                                 (pruned, SPACE, [list(SPACE)]),
                                 (conditional, CONDITIONAL, [["depth", "rate"], ["third", "kind"], ["third"]])):
        written = written_study(study, space)
        written["cases"] = [tpe_case(study, space, names, seed) for seed, names in enumerate(groups)]
        studies.append(written)
    return studies


def judged_curves(pruner, direction, seed, num_trials=40, num_steps=27):
    """Trials report in turn, a step each, as workers do; what the pruner says after each report."""
    rng = random.Random(seed)
    study = optuna.create_study(direction=direction, pruner=pruner)
    reports, running = [], []
    while len(study.trials) < num_trials or running:
        if len(running) < 4 and len(study.trials) < num_trials:
            running.append([study.ask(), 0, rng.uniform(0, 1), rng.randint(num_steps - 3, num_steps)])
        run = rng.choice(running)
        trial, _, level, steps = run
        run[1] += rng.choice([1, 1, 1, 2])
        value = round(level + 1 / run[1] + rng.gauss(0, 0.05), 3) if rng.random() > 0.02 else math.nan
        trial.report(value, run[1])
        prune = trial.should_prune()
        reports.append([trial.number, run[1], None if math.isnan(value) else value, bool(prune)])
        if prune:
            study.tell(trial, state=TrialState.PRUNED)
        elif run[1] >= steps:
            study.tell(trial, value if not math.isnan(value) else 9.0)
            reports.append([trial.number, 0, value if not math.isnan(value) else 9.0, False])
        if prune or run[1] >= steps:
            running.remove(run)
    return reports


def pruners():
    cases = []
    for direction in ("minimize", "maximize"):
        for options in ({}, {"n_startup_trials": 2, "n_warmup_steps": 6, "interval_steps": 4}, {"n_startup_trials": 0}):
            cases.append({"name": "median", "options": options, "direction": direction,
                          "reports": judged_curves(optuna.pruners.MedianPruner(**options), direction, len(cases))})
        for options in ({}, {"min_resource": 1, "reduction_factor": 3}, {"min_resource": 2, "reduction_factor": 2,
                        "min_early_stopping_rate": 1, "bootstrap_count": 3}):
            cases.append({"name": "asha", "options": options, "direction": direction,
                          "reports": judged_curves(optuna.pruners.SuccessiveHalvingPruner(**options), direction, len(cases))})
    return cases


def importance():
    studies = []
    for study, space in ((made_study("minimize", SPACE, {TrialState.COMPLETE: 90, TrialState.PRUNED: 5}, 5), SPACE),
                         (made_study("maximize", SPACE, {TrialState.COMPLETE: 31}, 6), SPACE),
                         (made_study("minimize", CONDITIONAL, {TrialState.COMPLETE: 50}, 7, deep_only), CONDITIONAL)):
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        written = written_study(study, space)
        written["importance"] = evaluator.evaluate(study)
        written["shares"] = optuna.importance.get_param_importances(study, evaluator=evaluator)
        studies.append(written)
    return studies


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "fixtures"
    for name, made in (("tpe", tpe()), ("pruners", pruners()), ("importance", importance())):
        text = json.dumps({"optuna": optuna.__version__, "cases": made}, separators=(",", ":"), allow_nan=False)
        (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
