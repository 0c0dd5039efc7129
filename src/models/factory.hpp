// SPDX-License-Identifier: Apache-2.0
// From the name in [model] to the network. Weights are LibTorch's own initialisation, drawn from its global
// generator: seed it with torch::manual_seed first.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/safetensors.hpp"

namespace tessera::models {

/// The names that [model] name may have.
std::span<const std::string> network_names();

/// Reads `name` and the network's own keys. Raises InputError, with the nearest name, for an unknown one.
/// `weights`, where given, are those of such a network, which the caller loads next: one that begins with
/// another file's weights takes its shape from them, and does without the file.
std::shared_ptr<Network> make_network(core::ConfigTable model, std::int64_t outputs,
                                      const NamedTensors* weights = nullptr);

}  // namespace tessera::models
