// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_owner.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

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

[[noreturn]] void fail_reading(const std::string& where, const std::string& reason) {
  throw core::DataError(fmt::format("{} cannot be read: {}", where, reason));
}
void check_reading(bool good, const std::string& where) {
  if (!good) fail_reading(where, "HDF5 says \"" + library_text() + "\"");
}
void check_writing(bool good, const std::string& where) {
  if (!good)
    throw core::ParallelError(fmt::format("{} cannot be written: HDF5 says \"{}\"", where, library_text()));
}

Hdf5Handle opened(hid_t id, Hdf5Handle::Close close, const std::string& where) {
  check_reading(id >= 0, where);
  return {id, close};
}
Hdf5Handle created(hid_t id, Hdf5Handle::Close close, const std::string& where) {
  check_writing(id >= 0, where);
  return {id, close};
}

std::string path_below(const std::string& where, const std::string& name) {
  return where.ends_with('/') ? where + name : where + "/" + name;
}

// No creation times, and all links in the group's own header, which is smaller and checksummed.
Hdf5Handle creation_properties(hid_t kind, const std::string& where) {
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

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// HDF5 hands out a whole, closed file in memory only through its allocation callbacks: H5Fget_file_image of
// an open one leaves a wrong checksum in the superblock (1.10.8). `content` has the file's length by then.
void keep_content(hid_t access, std::string* content, const std::string& name) {
  H5FD_file_image_callbacks_t calls{};
  calls.image_malloc = [](size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); };
  calls.image_memcpy = [](void* to, const void* from, size_t size, H5FD_file_image_op_t, void*) {
    return std::memcpy(to, from, size);
  };
  calls.image_realloc = [](void* data, size_t size, H5FD_file_image_op_t, void*) {
    return std::realloc(data, size);
  };
  calls.image_free = [](void* data, H5FD_file_image_op_t why, void* user) -> herr_t {
    auto& kept = *static_cast<std::string*>(user);
    if (why == H5FD_FILE_IMAGE_OP_FILE_CLOSE) std::memcpy(kept.data(), data, kept.size());
    std::free(data);
    return 0;
  };
  calls.udata_copy = [](void* user) { return user; };
  calls.udata_free = [](void*) -> herr_t { return 0; };
  calls.udata = content;
  check_writing(H5Pset_file_image_callbacks(access, &calls) >= 0, name);
}

Hdf5Handle open_file(const std::string& name, const std::string& bytes, std::string* content) {
  // HDF5 prints its errors itself unless told not to; ours carry its words.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static std::int64_t num_opened = 0;  // names must differ from each other and from any file on disk
  const std::string path = fmt::format("/dev/null/{}", num_opened++);
  auto access = created(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, name);
  check_writing(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
                    H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG) >= 0 &&
                    H5Pset_fapl_core(access.id(), std::size_t{1} << 20, false) >= 0,
                name);
  if (content) {
    keep_content(access.id(), content, name);
    auto creation = creation_properties(H5P_FILE_CREATE, name);
    return created(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose, name);
  }
  if (bytes.empty()) fail_reading(name, "it is empty");
  // HDF5 copies the image and does not write to what it is handed.
  check_writing(H5Pset_file_image(access.id(), const_cast<char*>(bytes.data()), bytes.size()) >= 0, name);
  return opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, name);
}

}  // namespace

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0 && close_(id_) < 0) H5Eclear2(H5E_DEFAULT);
}

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
Hdf5Dataset Hdf5Group::write(const std::string& name, std::span<const std::string> texts) {
  std::size_t length = 1;
  for (const auto& text : texts) length = std::max(length, text.size());
  std::string together;
  for (const auto& text : texts) together += text + std::string(length - text.size(), '\0');
  const auto type = text_type(length, path_below(where_, name));
  return write_values(name, {static_cast<std::int64_t>(texts.size())}, type.id(), type.id(), together.data());
}

Hdf5File::Hdf5File(const std::string& name, const std::string& bytes, bool fresh)
    : lock_(library_mutex()),
      file_(open_file(name, bytes, fresh ? &content_ : nullptr)),
      root_(opened(H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Gclose, name), name + ":/",
            static_cast<std::int64_t>(bytes.size())) {}

std::string Hdf5File::finish() {
  check_writing(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) >= 0, root_.where());
  const ssize_t size = H5Fget_file_image(file_.id(), nullptr, 0);
  check_writing(size >= 0, root_.where());
  content_.assign(static_cast<std::size_t>(size), '\0');
  check_writing(file_.close(), root_.where());
  return std::move(content_);
}

}  // namespace tessera::data
