// SPDX-License-Identifier: Apache-2.0
// What all units over HDF5 share: its failures as our errors, with its own words, and its ids owned from the
// moment they exist. Internal to the owners of hdf5_owner.hpp; ids are std::int64_t, HDF5's hid_t.
#pragma once

#include <cstdint>
#include <string>

#include "data/hdf5_owner.hpp"

namespace tessera::data {

/// Raises DataError: "`where` cannot be read: `reason`".
[[noreturn]] void fail_reading(const std::string& where, const std::string& reason);
/// Raises DataError with HDF5's reasons where a call was not good.
void check_reading(bool good, const std::string& where);
/// Raises ParallelError with HDF5's reasons where a call was not good.
void check_writing(bool good, const std::string& where);

/// Owns what a reading call gave; raises DataError where that is no id.
Hdf5Handle opened(std::int64_t id, Hdf5Handle::Close close, const std::string& where);
/// Owns what a writing call gave; raises ParallelError where that is no id.
Hdf5Handle created(std::int64_t id, Hdf5Handle::Close close, const std::string& where);

/// How files, groups and datasets (`kind`) are created, so that the same content gives the same bytes.
Hdf5Handle creation_properties(std::int64_t kind, const std::string& where);
/// UTF-8 of `length` bytes, filled up with zeros.
Hdf5Handle text_type(std::size_t length, const std::string& where);

}  // namespace tessera::data
