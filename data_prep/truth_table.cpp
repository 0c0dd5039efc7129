// SPDX-License-Identifier: Apache-2.0
#include "data_prep/truth_table.hpp"

#include "core/file.hpp"

namespace tessera::data_prep {

void write_truth_table(const dist::Communicator& comm, const std::filesystem::path& file,
                       const std::string& header, const std::string& rows) {
  std::string table = header;
  for (const auto& part : comm.all_gather_text(rows, "rows of the table")) table += part;
  comm.together("writing the table", [&] {
    if (comm.is_root()) core::write_file_atomically(file, table);
  });
}

}  // namespace tessera::data_prep
