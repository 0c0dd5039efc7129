#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One structure by MCRpy from the Gram matrices of VGG-19, as its users run it: the result as phases, and the
processor's seconds.

    reconstruct_mcrpy.py SAMPLE.npy OUT.npy EVALUATIONS"""
import logging
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import mcrpy
import tensorflow

logging.disable(logging.WARNING)
tensorflow.config.threading.set_intra_op_parallelism_threads(1)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def main():
    sample, out, evaluations = sys.argv[1], sys.argv[2], int(sys.argv[3])
    microstructure = mcrpy.Microstructure.from_npy(sample)
    start = time.process_time()
    characterization = mcrpy.characterize(microstructure, mcrpy.CharacterizationSettings(
        descriptor_types=["GramMatrices"], limit_to=16, use_multiphase=False))
    characterized = time.process_time()
    # `max_iter` bounds the evaluations of the objective.
    _, result = mcrpy.reconstruct(characterization, microstructure.spatial_shape, settings=mcrpy.ReconstructionSettings(
        descriptor_types=["GramMatrices"], limit_to=16, max_iter=evaluations, convergence_data_steps=evaluations))
    seconds = time.process_time() - characterized
    result.to_npy(out)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peer=mcrpy evaluations={evaluations} characterise_seconds={characterized - start:.1f} seconds={seconds:.1f} "
          f"seconds_per_evaluation={seconds / evaluations:.4f} peak_memory_mb={memory}")


main()
