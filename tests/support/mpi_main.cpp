// SPDX-License-Identifier: Apache-2.0
// main() of every MPI test: rank 0 prints, other ranks' failures are gathered and become rank 0's under their
// rank, and all ranks return the same verdict. A test must run the same collectives on every rank, so use
// EXPECT_*: an ASSERT_* that returns on one rank leaves the others waiting.
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace {

class GatherFailures : public testing::EmptyTestEventListener {
 public:
  GatherFailures(int rank, int size) : rank_(rank), size_(size) {}

 private:
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed() || rank_ == 0) return;
    std::ostringstream text;
    text << "rank " << rank_ << ": " << (result.file_name() ? result.file_name() : "unknown file") << ":"
         << result.line_number() << "\n"
         << result.message() << "\n";
    failures_ += text.str();
  }

  // Called before the printer's own, so that rank 0 prints the test as failed.
  void OnTestEnd(const testing::TestInfo&) override {
    const int length = static_cast<int>(failures_.size());
    std::vector<int> lengths(static_cast<std::size_t>(size_)), starts(static_cast<std::size_t>(size_));
    MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD);
    for (int r = 1; r < size_; ++r) starts[r] = starts[r - 1] + lengths[r - 1];
    std::string all(static_cast<std::size_t>(starts.back() + lengths.back()), '\0');
    MPI_Gatherv(failures_.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR, 0,
                MPI_COMM_WORLD);
    failures_.clear();
    if (!all.empty()) ADD_FAILURE() << all;
  }

  int rank_;
  int size_;
  std::string failures_;
};

}  // namespace

int main(int argc, char** argv) {
  int level = 0, rank = 0, size = 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  testing::InitGoogleTest(&argc, argv);

  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (rank != 0) delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new GatherFailures(rank, size));

  const int failed = RUN_ALL_TESTS();
  int failed_anywhere = 0;
  MPI_Allreduce(&failed, &failed_anywhere, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return failed_anywhere;
}
