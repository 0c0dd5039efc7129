// SPDX-License-Identifier: Apache-2.0
// Groups: what lies in them, and the writing of datasets.
#include <hdf5.h>

#include <algorithm>
#include <limits>

#include "data/hdf5_calls.hpp"
#include "data/hdf5_owner.hpp"

namespace tessera::data {
namespace {

std::string path_below(const std::string& where, const std::string& name) {
  return where.ends_with('/') ? where + name : where + "/" + name;
}

hid_t integer_type_for(std::span<const std::int64_t> values) {
  std::int64_t low = 0, high = 0;
  for (auto value : values) low = std::min(low, value), high = std::max(high, value);
  const auto fits = [&](auto sample) {
    using Limits = std::numeric_limits<decltype(sample)>;
    return low >= static_cast<std::int64_t>(Limits::min()) &&
           high <= static_cast<std::int64_t>(Limits::max());
  };
  if (low < 0) {
    if (fits(std::int8_t{})) return H5T_STD_I8LE;
    if (fits(std::int16_t{})) return H5T_STD_I16LE;
    return fits(std::int32_t{}) ? H5T_STD_I32LE : H5T_STD_I64LE;
  }
  if (fits(std::uint8_t{})) return H5T_STD_U8LE;
  if (fits(std::uint16_t{})) return H5T_STD_U16LE;
  return fits(std::uint32_t{}) ? H5T_STD_U32LE : H5T_STD_I64LE;
}

// A soft or external link in a file from elsewhere could lead out of it.
void require_hard_link(hid_t parent, const std::string& name, const std::string& where) {
  if (H5Lexists(parent, name.c_str(), H5P_DEFAULT) <= 0) {
    H5Eclear2(H5E_DEFAULT);
    fail_reading(where, "it is missing");
  }
  H5L_info_t info;
  check_reading(H5Lget_info(parent, name.c_str(), &info, H5P_DEFAULT) >= 0, where);
  if (info.type != H5L_TYPE_HARD) fail_reading(where, "it must lie in the file itself, got a link");
}

}  // namespace

Hdf5Group Hdf5Group::create_group(const std::string& name) {
  const std::string where = path_below(where_, name);
  auto creation = creation_properties(H5P_GROUP_CREATE, where);
  return {created(H5Gcreate2(handle_.id(), name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose,
                  where),
          where, file_bytes_};
}

Hdf5Group Hdf5Group::group(const std::string& name) const {
  const std::string where = path_below(where_, name);
  require_hard_link(handle_.id(), name, where);
  return {opened(H5Gopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Gclose, where), where, file_bytes_};
}

Hdf5Dataset Hdf5Group::dataset(const std::string& name) const {
  const std::string where = path_below(where_, name);
  require_hard_link(handle_.id(), name, where);
  return {opened(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Dclose, where), where, file_bytes_};
}

bool Hdf5Group::has(const std::string& name) const {
  const htri_t exists = H5Lexists(handle_.id(), name.c_str(), H5P_DEFAULT);
  check_reading(exists >= 0, path_below(where_, name));
  return exists > 0;
}

std::vector<std::string> Hdf5Group::names() const {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  check_reading(H5Literate(handle_.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) >= 0, where_);
  return names;
}

Hdf5Dataset Hdf5Group::write_values(const std::string& name, const Shape& shape, std::int64_t file_type,
                                    std::int64_t memory_type, const void* values) {
  const std::string where = path_below(where_, name);
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  auto space =
      created(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose, where);
  auto creation = creation_properties(H5P_DATASET_CREATE, where);
  check_writing(H5Pset_layout(creation.id(), H5D_CONTIGUOUS) >= 0 &&
                    H5Pset_fill_time(creation.id(), H5D_FILL_TIME_NEVER) >= 0,
                where);
  auto dataset = created(
      H5Dcreate2(handle_.id(), name.c_str(), file_type, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
      H5Dclose, where);
  // An empty vector's data() may be null, which HDF5 refuses even for no values.
  static const char nothing = 0;
  check_writing(
      H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values ? values : &nothing) >= 0,
      where);
  return {std::move(dataset), where, file_bytes_};
}

Hdf5Dataset Hdf5Group::write(const std::string& name, const Shape& shape, std::span<const double> values) {
  return write_values(name, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data());
}
Hdf5Dataset Hdf5Group::write(const std::string& name, const Shape& shape, std::span<const float> values) {
  return write_values(name, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data());
}
Hdf5Dataset Hdf5Group::write(const std::string& name, const Shape& shape,
                             std::span<const std::int64_t> values) {
  return write_values(name, shape, integer_type_for(values), H5T_NATIVE_INT64, values.data());
}
Hdf5Dataset Hdf5Group::write(const std::string& name, const Shape& shape,
                             std::span<const std::uint16_t> values) {
  const bool narrow = std::all_of(values.begin(), values.end(), [](auto value) { return value < 256; });
  return write_values(name, shape, narrow ? H5T_STD_U8LE : H5T_STD_U16LE, H5T_NATIVE_UINT16, values.data());
}
Hdf5Dataset Hdf5Group::write(const std::string& name, std::span<const std::string> texts) {
  std::size_t length = 1;
  for (const auto& text : texts) length = std::max(length, text.size());
  std::string together;
  for (const auto& text : texts) together += text + std::string(length - text.size(), '\0');
  const auto type = text_type(length, path_below(where_, name));
  return write_values(name, {static_cast<std::int64_t>(texts.size())}, type.id(), type.id(), together.data());
}

}  // namespace tessera::data
