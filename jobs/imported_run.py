# SPDX-License-Identifier: Apache-2.0
"""The folder of a run whose weights CGCNN's Python code trained: run.json, config.toml and one checkpoint of
weights alone, as src/train/run_record.hpp and src/train/checkpoint.hpp read them."""
import hashlib
import json
import math
import shutil

from tensor_files import FileError, StoredTensor, safetensors_bytes, sha256_of


def number_of(value):
    """A number that may stand as a tensor of one; None where it is none, or not finite."""
    value = value.read("a number").item() if isinstance(value, StoredTensor) and value.shape in ((), (1,)) else value
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def normaliser_of(checkpoint, source):
    kept = checkpoint.get("normalizer")
    mean, deviation = (number_of(kept.get(part)) if isinstance(kept, dict) else None for part in ("mean", "std"))
    if mean is None or deviation is None:
        raise FileError(f"{source} must hold \"normalizer\" with the numbers \"mean\" and \"std\", it does not. "
                        "Without them its outputs have no unit.")
    return mean, deviation


def describe_run(checkpoint, tensors, source, about):
    """run.json of these tensors; `about` gives name, target, unit and transform, which no checkpoint holds."""
    arguments = checkpoint.get("args") if isinstance(checkpoint.get("args"), dict) else {}
    outputs = tensors["fc_out.bias"].shape[0]
    mean, deviation = normaliser_of(checkpoint, source)
    epoch = number_of(checkpoint.get("epoch")) or 0
    # The authors keep the area under the curve in the same place where they classify.
    metric = "validation_auc" if outputs > 1 else "validation_mae"
    parts = {part: arguments[key] for part, key in (("train", "train_size"), ("validation", "val_size"), ("test", "test_size"))
             if isinstance(arguments.get(key), int)}
    return {
        "name": about["name"], "state": "imported",
        "imported_from": {"file": source.name, "sha256": hashlib.sha256(source.read_bytes()).hexdigest()},
        "task": "classification" if outputs > 1 else "regression", "target": about["target"], "target_unit": about["unit"],
        "transform": about["transform"], "normaliser": {"mean": mean, "standard_deviation": deviation},
        "classes": {"first": 0, "number": outputs}, "loss": "cross_entropy" if outputs > 1 else "mse",
        "preparation": {"cell": "refined", "graph": {"cutoff_angstrom": 8.0, "num_neighbors": 12}, "mesh": None, "rotate_seed": None},
        "records": parts, "parameters": sum(len(t.data) // 4 for name, t in tensors.items() if ".running_" not in name),
        "epochs_done": epoch, "best_epoch": epoch,  # a checkpoint is saved when it is the best
        "best_metric": {"name": metric, "value": number_of(checkpoint.get("best_mae_error"))}, "weights_sha256": sha256_of(tensors),
    }


def config_toml(tensors, run, folder):
    convolutions = sum(name.endswith("fc_full.bias") for name in tensors)
    hidden_layers = 1 + sum(name.startswith("fcs.") and name.endswith(".bias") for name in tensors)
    return f"""# Weights imported from {json.dumps(run["imported_from"]["file"])}; the dataset they were trained on is not here.
[data]
dataset = ""
target = {json.dumps(run["target"])}
transform = "{run["transform"]}"

[model]
name = "cgcnn"
atom_width = {tensors["embedding.bias"].shape[0]}
num_convolutions = {convolutions}
hidden_width = {tensors["conv_to_fc.bias"].shape[0]}
num_hidden_layers = {hidden_layers}

[run]
dir = {json.dumps(str(folder))}
"""


def sealed(value):
    """Indented JSON that carries the SHA-256 of its own text, as Tessera seals its files."""
    body = json.dumps(value, indent=1)[: -len("\n}")]
    return f'{body},\n  "content_sha256": "{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'


def write_run(folder, run, tensors):
    """Whole or not at all. What is there already, the same in all, is left as it is."""
    if folder.exists():
        record = folder / "run.json"
        if record.exists() and json.loads(record.read_text()) == run:
            return
        raise FileError(f"{folder} must not be there yet, it is, and holds something else. Remove it, or choose another --out.")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    checkpoint = partial / "checkpoints" / "imported"
    checkpoint.mkdir(parents=True)
    weights = safetensors_bytes(tensors)
    (checkpoint / "weights.safetensors").write_bytes(weights)
    state = {"format": 2, "epoch": run["epochs_done"], "best_epoch": run["best_epoch"], "best_metric": run["best_metric"]["value"],
             "sha256": {"weights.safetensors": hashlib.sha256(weights).hexdigest()}}
    (checkpoint / "state.json").write_text(sealed(state))
    for link in ("best", "last"):
        (partial / "checkpoints" / link).symlink_to("imported")
    (partial / "config.toml").write_text(config_toml(tensors, run, folder))
    (partial / "run.json").write_text(json.dumps(run, indent=1) + "\n")
    partial.rename(folder)
