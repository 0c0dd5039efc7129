// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_calls.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "core/error.hpp"

namespace tessera::data {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>, "HDF5 1.10 or later");

// HDF5's stack of reasons, the outermost and the innermost: "unable to open file: bad checksum".
std::string library_text() {
  std::vector<std::string> reasons;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_DOWNWARD,
      [](unsigned, const H5E_error2_t* entry, void* into) -> herr_t {
        static_cast<std::vector<std::string>*>(into)->emplace_back(entry->desc ? entry->desc : "");
        return 0;
      },
      &reasons);
  H5Eclear2(H5E_DEFAULT);
  if (reasons.empty()) return "no reason given";
  return reasons.size() == 1 ? reasons[0] : reasons.front() + ": " + reasons.back();
}

}  // namespace

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0 && close_(id_) < 0) H5Eclear2(H5E_DEFAULT);
}

void fail_reading(const std::string& where, const std::string& reason) {
  throw core::DataError(fmt::format("{} cannot be read: {}", where, reason));
}
void check_reading(bool good, const std::string& where) {
  if (!good) fail_reading(where, "HDF5 says \"" + library_text() + "\"");
}
void check_writing(bool good, const std::string& where) {
  if (!good)
    throw core::ParallelError(fmt::format("{} cannot be written: HDF5 says \"{}\"", where, library_text()));
}

Hdf5Handle opened(std::int64_t id, Hdf5Handle::Close close, const std::string& where) {
  check_reading(id >= 0, where);
  return {id, close};
}
Hdf5Handle created(std::int64_t id, Hdf5Handle::Close close, const std::string& where) {
  check_writing(id >= 0, where);
  return {id, close};
}

// No creation times, and all links in the group's own header, which is smaller and checksummed.
Hdf5Handle creation_properties(std::int64_t kind, const std::string& where) {
  auto properties = created(H5Pcreate(kind), H5Pclose, where);
  check_writing(H5Pset_obj_track_times(properties.id(), false) >= 0, where);
  if (kind != H5P_DATASET_CREATE)
    check_writing(H5Pset_link_phase_change(properties.id(), 1000, 0) >= 0, where);
  return properties;
}

Hdf5Handle text_type(std::size_t length, const std::string& where) {
  auto type = created(H5Tcopy(H5T_C_S1), H5Tclose, where);
  check_writing(H5Tset_size(type.id(), std::max<std::size_t>(length, 1)) >= 0 &&
                    H5Tset_strpad(type.id(), H5T_STR_NULLPAD) >= 0 &&
                    H5Tset_cset(type.id(), H5T_CSET_UTF8) >= 0,
                where);
  return type;
}

}  // namespace tessera::data
