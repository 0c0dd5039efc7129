// SPDX-License-Identifier: Apache-2.0
// A job for Slurm out of a script of slurm/: the same script, with the asked options and the verb's words in
// it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tessera::jobs {

/// sbatch options by their long name, "nodes" -> "4"; a name without a value has an empty one.
using BatchOptions = std::vector<std::pair<std::string, std::string>>;

/// `text` with `#SBATCH --name=value` for each option, in place of the script's own line of that name or
/// behind its last one; with `words` for "$@", quoted for the shell; and `folder` as the place of env.sh and
/// job.sh.
std::string filled_batch_script(const std::string& text, const BatchOptions& options,
                                const std::vector<std::string>& words, const std::string& folder);

/// 'it'"'"'s': one word for the shell.
std::string shell_quoted(const std::string& word);

}  // namespace tessera::jobs
