// SPDX-License-Identifier: Apache-2.0
// Attributes, and the reading of datasets.
#include <fmt/core.h>
#include <hdf5.h>

#include <string_view>

#include "data/hdf5_calls.hpp"
#include "data/hdf5_owner.hpp"

namespace tessera::data {

void Hdf5Object::set_value(const std::string& name, std::int64_t type, const void* value) {
  const std::string where = where_ + "@" + name;
  auto space = created(H5Screate(H5S_SCALAR), H5Sclose, where);
  auto attribute = created(H5Acreate2(handle_.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose, where);
  check_writing(H5Awrite(attribute.id(), type, value) >= 0, where);
}

void Hdf5Object::set(const std::string& name, const std::string& text) {
  const auto type = text_type(text.size(), where_ + "@" + name);
  set_value(name, type.id(), text.c_str());
}
void Hdf5Object::set(const std::string& name, double number) {
  set_value(name, H5T_IEEE_F64LE, &number);
}
void Hdf5Object::set(const std::string& name, std::int64_t number) {
  set_value(name, H5T_STD_I64LE, &number);
}

// `type` 0 reads a text into the std::string at `value`.
void Hdf5Object::get_value(const std::string& name, int type_class, std::int64_t type, void* value) const {
  const std::string where = where_ + "@" + name;
  const htri_t exists = H5Aexists(handle_.id(), name.c_str());
  check_reading(exists >= 0, where);
  if (exists == 0) fail_reading(where, "it is missing");
  auto attribute = opened(H5Aopen(handle_.id(), name.c_str(), H5P_DEFAULT), H5Aclose, where);
  auto stored = opened(H5Aget_type(attribute.id()), H5Tclose, where);
  auto space = opened(H5Aget_space(attribute.id()), H5Sclose, where);
  const std::size_t length = H5Tget_size(stored.id());
  if (H5Tget_class(stored.id()) != type_class || H5Tis_variable_str(stored.id()) > 0 || length > (1u << 16) ||
      H5Sget_simple_extent_npoints(space.id()) != 1)
    fail_reading(where, "it must be a single value of the right type");
  if (type_class != H5T_STRING) {
    check_reading(H5Aread(attribute.id(), type, value) >= 0, where);
    return;
  }
  std::string text(length, '\0');
  const auto memory = text_type(length, where);
  check_reading(H5Aread(attribute.id(), memory.id(), text.data()) >= 0, where);
  *static_cast<std::string*>(value) = text.c_str();
}

std::string Hdf5Object::text(const std::string& name) const {
  std::string value;
  get_value(name, H5T_STRING, 0, &value);
  return value;
}
double Hdf5Object::number(const std::string& name) const {
  double value = 0;
  get_value(name, H5T_FLOAT, H5T_NATIVE_DOUBLE, &value);
  return value;
}
std::int64_t Hdf5Object::integer(const std::string& name) const {
  std::int64_t value = 0;
  get_value(name, H5T_INTEGER, H5T_NATIVE_INT64, &value);
  return value;
}

Shape Hdf5Dataset::shape() const {
  auto space = opened(H5Dget_space(handle_.id()), H5Sclose, where_);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  check_reading(rank >= 0, where_);
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  check_reading(H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr) >= 0, where_);
  Shape shape;
  for (auto size : sizes) shape.push_back(static_cast<std::int64_t>(size));
  return shape;
}

std::size_t Hdf5Dataset::checked_count(int type_class) const {
  auto creation = opened(H5Dget_create_plist(handle_.id()), H5Pclose, where_);
  if (H5Pget_layout(creation.id()) != H5D_CONTIGUOUS || H5Pget_external_count(creation.id()) != 0)
    fail_reading(where_, "it must be stored contiguously in this file");
  auto type = opened(H5Dget_type(handle_.id()), H5Tclose, where_);
  if (H5Tget_class(type.id()) != type_class || H5Tis_variable_str(type.id()) > 0)
    fail_reading(where_, "its elements are of another type than expected");
  const auto width = static_cast<std::int64_t>(H5Tget_size(type.id()));
  std::int64_t count = 1;
  for (auto size : shape()) {
    if (size < 0 || (size > 0 && count > file_bytes_ / size))
      fail_reading(where_, fmt::format("it claims more values than the file's {} bytes hold", file_bytes_));
    count *= size;
  }
  if (width <= 0 || count > file_bytes_ / width)
    fail_reading(where_, fmt::format("it claims {} values of {} bytes in a file of {} bytes", count, width,
                                     file_bytes_));
  return static_cast<std::size_t>(count);
}

void Hdf5Dataset::read(std::int64_t type, void* values) const {
  check_reading(H5Dread(handle_.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, where_);
}

std::vector<double> Hdf5Dataset::doubles() const {
  std::vector<double> values(checked_count(H5T_FLOAT));
  read(H5T_NATIVE_DOUBLE, values.data());
  return values;
}
std::vector<float> Hdf5Dataset::floats() const {
  std::vector<float> values(checked_count(H5T_FLOAT));
  read(H5T_NATIVE_FLOAT, values.data());
  return values;
}
std::vector<std::uint16_t> Hdf5Dataset::words() const {
  std::vector<std::uint16_t> values(checked_count(H5T_INTEGER));
  const auto type = opened(H5Dget_type(handle_.id()), H5Tclose, where_);
  if (H5Tget_size(type.id()) > 2 || H5Tget_sign(type.id()) != H5T_SGN_NONE)
    fail_reading(where_, "its elements must have 8 or 16 bits and no sign");
  read(H5T_NATIVE_UINT16, values.data());
  return values;
}
std::vector<std::int64_t> Hdf5Dataset::integers() const {
  std::vector<std::int64_t> values(checked_count(H5T_INTEGER));
  read(H5T_NATIVE_INT64, values.data());
  return values;
}
std::vector<std::string> Hdf5Dataset::texts() const {
  const std::size_t count = checked_count(H5T_STRING);
  auto stored = opened(H5Dget_type(handle_.id()), H5Tclose, where_);
  const std::size_t length = H5Tget_size(stored.id());
  std::string together(count * length, '\0');
  const auto memory = text_type(length, where_);
  read(memory.id(), together.data());
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view field = std::string_view(together).substr(i * length, length);
    texts.emplace_back(field.substr(0, field.find('\0')));
  }
  return texts;
}

}  // namespace tessera::data
