// SPDX-License-Identifier: Apache-2.0
// A checkpoint of CGCNN, made here in both forms that torch.save has had, becomes a run that every verb
// takes.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "jobs/walk.hpp"
#include "support/python.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::value_of;
using ::testing::HasSubstr;

// Writes what torch.save would, without torch: modules of its names, pickled by reference. The last layer is
// zero but for its bias of 0.5, so that every prediction is known.
constexpr const char* kMakeCheckpoint = R"(
import collections, io, pickle, struct, sys, types, zipfile
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
class FloatStorage: pass
def _rebuild_tensor_v2(*parts): pass
FloatStorage.__module__, _rebuild_tensor_v2.__module__ = "torch", "torch._utils"
torch.FloatStorage, torch._utils, utils._rebuild_tensor_v2 = FloatStorage, utils, _rebuild_tensor_v2
sys.modules.update({"torch": torch, "torch._utils": utils})
storages = []
class Storage:
    def __init__(self, values):
        self.key, self.count = str(len(storages)), len(values)
        self.data = struct.pack(f"<{len(values)}f", *values)
        storages.append(self)
class Tensor:
    def __init__(self, shape, values): self.shape, self.storage = shape, Storage(values)
    def __reduce__(self):
        stride = (self.shape[1], 1) if len(self.shape) == 2 else (1,)
        return _rebuild_tensor_v2, (self.storage, 0, self.shape, stride, False, collections.OrderedDict())
class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage): return ("storage", FloatStorage, value.key, "cuda:0", value.count) + legacy
def dump(value):
    file = io.BytesIO()
    Pickler(file, 2).dump(value)
    return file.getvalue()

form, fault, path = sys.argv[1:]
legacy = (None,) if form == "legacy" else ()
shapes = {"embedding.weight": (64, 92), "embedding.bias": (64,), "conv_to_fc.weight": (32, 64), "conv_to_fc.bias": (32,),
          "fc_out.weight": (1, 32), "fc_out.bias": (1,)}
for i in range(4):
    shapes[f"convs.{i}.fc_full.weight"], shapes[f"convs.{i}.fc_full.bias"] = (128, 169), (128,)
    for norm, width in (("bn1", 128), ("bn2", 64)):
        for part in ("weight", "bias", "running_mean", "running_var"): shapes[f"convs.{i}.{norm}.{part}"] = (width,)
if fault == "shape": shapes["embedding.weight"] = (64, 101)
if fault == "missing": del shapes["convs.2.bn1.running_var"]
if fault == "unknown": shapes["gate.bias"] = (3,)
count = lambda shape: shape[0] * (shape[1] if len(shape) == 2 else 1)
value = {"fc_out.weight": 0.0, "fc_out.bias": 0.5}
tensors = collections.OrderedDict((n, Tensor(s, [value.get(n, 0.01)] * count(s))) for n, s in shapes.items())
saved = {"epoch": 7, "state_dict": tensors, "best_mae_error": 0.25, "normalizer": {"mean": 2.0, "std": 0.5},
         "args": {"train_size": 60}}
if fault == "normaliser": del saved["normalizer"]
if fault == "code": saved["args"] = {"hook": print}
with open(path, "wb") as file:
    if fault == "text":
        file.write(b"not a checkpoint")
    elif legacy:
        for part in (0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}, saved): file.write(dump(part))
        file.write(dump([s.key for s in storages]))
        for s in storages: file.write(struct.pack("<q", s.count) + s.data)
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", dump(saved))
            for s in storages: archive.writestr(f"archive/data/{s.key}", s.data)
)";

class Import : public test::Walk {
 protected:
  void SetUp() override {
    if (!test::run_python("pickle", "", {}))
      GTEST_SKIP() << "python3 is not installed: nothing to import with";
  }
  static void make_checkpoint(const std::string& form, const std::string& fault, const std::string& name) {
    const auto made = test::run_python("pickle", kMakeCheckpoint, {form, fault, at(name)});
    ASSERT_EQ(made->exit_code, 0) << made->output;
  }
  static test::ProgramResult import_run(const std::string& checkpoint, const std::string& name) {
    const char* source = std::getenv("TESSERA_SOURCE");
    return test::run_program(
        "python3 " + (fs::path(source ? source : ".") / "jobs/import_cgcnn.py").string() + " " +
        at(checkpoint) + " --out " + at(name) + " --target bulk_modulus_gpa --unit GPa --transform log10");
  }
};

TEST_F(Import, MakesARunThatEveryVerbTakes) {
  make_checkpoint("legacy", "", "published.pth.tar");

  const auto imported = import_run("published.pth.tar", "published");

  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(value_of(imported.out, "parameters"), "96641");
  const auto predicted =
      run("tessera-predict", at("published") + " " + at("crystals") + " --out " + at("predictions.csv"), 2);
  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  const auto table = core::read_csv(at("predictions.csv"));
  ASSERT_EQ(table.rows.size(), 90u);
  for (const auto& row : table.rows)
    EXPECT_DOUBLE_EQ(std::stod(row.fields[1]), std::pow(10.0, 0.5 * 0.5 + 2.0)) << row.fields[0];
  const auto evaluated = run("tessera-evaluate", at("published") + " --data " + at("dataset"));
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_EQ(value_of(evaluated.out, "records"), "90");
  const auto inspected = run("tessera-inspect", at("published"));
  EXPECT_EQ(value_of(inspected.out, "epochs_done"), "7") << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("imported"));
  const auto verified = run("tessera-verify", at("published"));
  EXPECT_EQ(value_of(verified.out, "damaged"), "0") << verified.err;
  const auto report = run("tessera-report", at("published") + " --out " + at("published.html"));
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(core::read_file(at("published.html")), HasSubstr("trained by another program"));
}

TEST_F(Import, ReadsBothFormsOfTorchSaveAlike) {
  std::vector<std::string> hashes;
  for (const std::string form : {"legacy", "zip"}) {
    make_checkpoint(form, "", form + ".pth");
    const auto imported = import_run(form + ".pth", form);
    ASSERT_EQ(imported.exit_code, 0) << imported.err;
    hashes.push_back(value_of(imported.out, "weights_sha256"));
  }
  EXPECT_EQ(hashes[0].size(), 64u);
  EXPECT_EQ(hashes[0], hashes[1]);
}

TEST_F(Import, LeavesTheSameRunAndRefusesAnother) {
  make_checkpoint("zip", "", "mine.pth");
  ASSERT_EQ(import_run("mine.pth", "mine").exit_code, 0);
  ASSERT_EQ(train("trained").exit_code, 0);

  EXPECT_EQ(import_run("mine.pth", "mine").exit_code, 0);
  const auto onto_another = import_run("mine.pth", "trained");

  EXPECT_EQ(onto_another.exit_code, 1);
  EXPECT_THAT(onto_another.err, HasSubstr("choose another --out"));
}

TEST_F(Import, WhatARunDoesNotHaveIsNamed) {
  make_checkpoint("zip", "", "bare.pth");
  ASSERT_EQ(import_run("bare.pth", "bare").exit_code, 0);

  const auto evaluated = run("tessera-evaluate", at("bare"));
  const auto trained = train("bare", "--set data.target=bulk_modulus_gpa");

  EXPECT_EQ(evaluated.exit_code, 2);
  EXPECT_THAT(evaluated.err, HasSubstr("--data DATASET"));
  EXPECT_EQ(trained.exit_code, 2);
  EXPECT_THAT(trained.err, HasSubstr("holds imported weights"));
}

TEST_F(Import, RefusesWhatIsNoSuchCheckpointByTensorAndShape) {
  const auto refusal = [&](const std::string& fault) {
    make_checkpoint("zip", fault, fault + ".pth");
    const auto result = import_run(fault + ".pth", "refused");
    EXPECT_EQ(result.exit_code, 1) << fault;
    EXPECT_FALSE(fs::exists(at("refused"))) << fault;
    return result.err;
  };

  EXPECT_THAT(refusal("shape"), HasSubstr("embedding.weight must have shape (64, 92), got (64, 101)"));
  EXPECT_THAT(refusal("missing"), HasSubstr("tensor convs.2.bn1.running_var of shape (128,)"));
  EXPECT_THAT(refusal("unknown"), HasSubstr("tensor gate.bias of shape (3,), which CGCNN has not"));
  EXPECT_THAT(refusal("normaliser"), HasSubstr("must hold \"normalizer\" with the numbers"));
  EXPECT_THAT(refusal("code"), HasSubstr("it names __builtin__.print"));
  EXPECT_THAT(refusal("text"), HasSubstr("must be a file that torch.save wrote"));
}

}  // namespace
}  // namespace tessera
