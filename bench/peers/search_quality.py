#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Optuna's TPE finds in 100 trials on four known functions, over so many seeds (20), and what ask and tell cost
among many finished trials: the same functions, spaces and figures as bench/search_quality.cpp.

    search_quality.py [quality [SEEDS]|speed]"""
import logging
import math
import sys
import time
import warnings

import numpy
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

TRIALS = 100


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    return (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(trial):
    height = numpy.array([1.0, 1.2, 3.0, 3.2])
    width = numpy.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
    place = 1e-4 * numpy.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                                [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])
    x = numpy.array([trial.suggest_float(f"x{i}", 0, 1) for i in range(6)])
    return float(-(height * numpy.exp(-(width * (x - place) ** 2).sum(axis=1))).sum())


def conditional(trial):
    depth = trial.suggest_int("depth", 1, 4)
    loss = 0.3 * abs(depth - 3) + 0.5 * (math.log10(trial.suggest_float("rate", 1e-5, 1, log=True)) + 3) ** 2
    loss += 0 if trial.suggest_categorical("activation", [0, 1, 2]) == 1 else 0.2
    for i in range(depth):
        loss += 0.05 * (math.log2(trial.suggest_int(f"width{i}", 8, 256, log=True)) - (5 if i % 2 else 6)) ** 2
    return loss


def categorical(trial):
    choices = [trial.suggest_categorical(f"c{i}", list(range(5))) for i in range(6)]
    loss = sum((choice - best) % 5 * 0.1 * (i + 1) for i, (choice, best) in enumerate(zip(choices, (3, 1, 4, 2, 0, 3))))
    return loss + (0 if (choices[0] + choices[1]) % 5 == 4 else 0.5)


def sampler_of(name, seed):
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if name == "grouped":
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    return optuna.samplers.TPESampler(seed=seed, multivariate=name == "multivariate")


def quality(seeds):
    for function in (branin, hartmann6, conditional, categorical):
        names = ["random", "univariate", "multivariate"] + (["grouped"] if function is conditional else [])
        for name in names:
            best = []
            for seed in range(seeds):
                study = optuna.create_study(sampler=sampler_of(name, seed))
                study.optimize(function, n_trials=TRIALS)
                best.append(study.best_value)
            q1, median, q3 = numpy.quantile(best, [0.25, 0.5, 0.75])
            print(f"problem={function.__name__} sampler={name} seeds={seeds} median={median:.4f} q1={q1:.4f} q3={q3:.4f}", flush=True)


SPACE = {
    "rate": FloatDistribution(1e-5, 1, log=True),
    "momentum": FloatDistribution(0, 0.99),
    "decay": FloatDistribution(1e-8, 1e-2, log=True),
    "depth": IntDistribution(2, 6),
    "width": IntDistribution(8, 512, log=True),
    "activation": CategoricalDistribution([0, 1, 2, 3]),
}


def speed():
    def value(params):
        return (math.log10(params["rate"]) + 3) ** 2 + params["momentum"] + params["depth"]

    for name in ("multivariate", "univariate"):
        for finished in (100, 1000, 5000):
            study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
            for _ in range(finished):
                trial = study.ask(SPACE)
                study.tell(trial, value(trial.params))
            study.sampler = sampler_of(name, 0)
            seconds = []
            for _ in range(21):
                start = time.process_time()
                trial = study.ask(SPACE)
                study.tell(trial, value(trial.params))
                seconds.append(time.process_time() - start)
            print(f"finished={finished} sampler={name} suggest_ms={1e3 * sorted(seconds)[10]:.4f}", flush=True)


def main():
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(logging.ERROR)
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    print(f"peer=optuna_{optuna.__version__}")
    if what != "speed":
        quality(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    if what != "quality":
        speed()


if __name__ == "__main__":
    main()
