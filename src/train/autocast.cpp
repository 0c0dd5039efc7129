// SPDX-License-Identifier: Apache-2.0
#include <ATen/autocast_mode.h>

#include "train/gradient_step.hpp"

namespace tessera::train {

AutocastScope::AutocastScope(bool enabled, torch::Device device) : enabled_(enabled), device_(device.type()) {
  if (!enabled_) return;
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::increment_nesting();
}

AutocastScope::~AutocastScope() {
  if (!enabled_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, false);
}

}  // namespace tessera::train
