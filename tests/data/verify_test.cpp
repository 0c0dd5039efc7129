// SPDX-License-Identifier: Apache-2.0
#include "data/verify.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/made_dataset.hpp"

namespace tessera::data {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Runs at any number of ranks: the root makes the folder, all verify it.
class VerifyDataset : public ::testing::Test {
 protected:
  VerifyDataset() {
    if (comm_.is_root()) make_dataset(own_.path(), 5, 3);
    folder_ = comm_.broadcast_text(own_.path().string(), "test folder");
  }
  ~VerifyDataset() override { comm_.barrier("end of test"); }
  void damage(const std::string& file, const std::function<void(std::string&)>& change) {
    if (comm_.is_root()) {
      auto bytes = core::read_file(folder_ / file);
      change(bytes);
      write_text(folder_ / file, bytes);
    }
    comm_.barrier("damage done");
  }
  dist::Communicator comm_ = dist::Communicator::world();
  TemporaryFolder own_;
  std::filesystem::path folder_;
};

TEST_F(VerifyDataset, FindsNothingInAWholeOne) {
  EXPECT_THAT(verify_dataset(folder_, comm_), IsEmpty());
}

TEST_F(VerifyDataset, NamesEveryDamagedFileOnEveryRank) {
  damage("shard-00003.h5", [](auto& bytes) { bytes[100] ^= 1; });
  damage("shard-00001.h5", [](auto& bytes) { bytes.resize(900); });
  damage("quarantine.csv", [](auto& bytes) { bytes += "x,y,1,z\n"; });
  if (comm_.is_root()) std::filesystem::remove(folder_ / "shard-00004.h5");
  comm_.barrier("damage done");

  const auto damages = verify_dataset(folder_, comm_);

  EXPECT_EQ(damages.size(), 4u);
  if (damages.size() != 4) return;
  EXPECT_EQ(damages[0].file, "quarantine.csv");
  EXPECT_EQ(damages[1].file, "shard-00001.h5");
  EXPECT_THAT(damages[1].reason, HasSubstr("has 900 bytes"));
  EXPECT_EQ(damages[2].file, "shard-00003.h5");
  EXPECT_THAT(damages[2].reason, HasSubstr("SHA-256"));
  EXPECT_EQ(damages[3].reason, "is missing");
}

TEST_F(VerifyDataset, NamesADamagedManifest) {
  damage("manifest.json", [](auto& bytes) { bytes[200] ^= 1; });
  const auto damages = verify_dataset(folder_, comm_);
  EXPECT_EQ(damages.size(), 1u);
  if (damages.size() == 1) {
    EXPECT_EQ(damages[0].file, "manifest.json");
    EXPECT_THAT(damages[0].reason, HasSubstr("not as it was written"));
  }
}

TEST_F(VerifyDataset, NamesAMissingManifest) {
  if (comm_.is_root()) std::filesystem::remove(folder_ / "manifest.json");
  comm_.barrier("manifest gone");
  const auto damages = verify_dataset(folder_, comm_);
  EXPECT_EQ(damages.size(), 1u);
  if (damages.size() == 1) {
    EXPECT_EQ(damages[0].file, "manifest.json");
    EXPECT_THAT(damages[0].reason, HasSubstr("is missing"));
  }
}

TEST_F(VerifyDataset, RefusesAFolderThatIsNoDataset) {
  EXPECT_THAT(message_of<core::InputError>([&] { verify_dataset(folder_ / "none", comm_); }),
              HasSubstr("none"));
}

}  // namespace
}  // namespace tessera::data
