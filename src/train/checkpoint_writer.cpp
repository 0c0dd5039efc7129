// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint_writer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/clock.hpp"
#include "core/log.hpp"

namespace tessera::train {

void CheckpointWriter::write(TrainingState state, bool is_best, std::function<void()> before) {
  finish();
  under_way_ =
      std::async(std::launch::async, [this, is_best, state = std::move(state), before = std::move(before)] {
        const core::Stopwatch writing;
        Written written;
        try {
          before();
          written.weights_sha256 = save_checkpoint(run_folder_, state, is_best, keep_);
        } catch (...) {
          written.failure = std::current_exception();
          failed_ = true;
        }
        slowest_seconds_ = std::max(slowest_seconds_.load(), writing.seconds());
        core::log::debug("checkpoint of step {} written in {:.3g} s", state.step, writing.seconds());
        return written;
      });
}

void CheckpointWriter::finish() {
  if (!under_way_.valid()) return;
  auto written = under_way_.get();
  failed_ = false;
  if (written.failure) std::rethrow_exception(written.failure);
  written_ = std::move(written);
}

}  // namespace tessera::train
